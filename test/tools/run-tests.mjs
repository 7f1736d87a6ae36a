/** The checks, then the suite. Arguments go to the test runner: `npm test -- test/net`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const chosen = process.argv.slice(2);
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const run = (args) => {
  const { status } = spawnSync(npm, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

if (chosen.length === 0) run(["run", "--silent", "check"]);
run(["exec", "--offline", "--", "vitest", "run", ...chosen]);
