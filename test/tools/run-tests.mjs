/** The checks, then the suite. Arguments go to the test runner: `npm test -- test/net`. Ends with one plain line of totals. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const results = join(root, "node_modules/.cache/sallyport-tests/results.json");
const chosen = process.argv.slice(2);
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: "inherit" }).status ?? 1;

if (chosen.length === 0) {
  const status = run(process.platform === "win32" ? "npm.cmd" : "npm", ["run", "--silent", "check"]);
  if (status !== 0) process.exit(status);
}
// Not by `npm exec`: what it sets in the environment would reach the tests' own npm.
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const status = run(process.execPath, [vitest, "run", ...reporters, ...chosen]);
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(results, "utf8"));
console.log(`${numPassedTests} passed, ${numFailedTests} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ""}`);
process.exit(status);
