/** One CommonJS build: an empty `dist`, then the TypeScript compiler, then the Lambda function's bundle. */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packageFile = createRequire(import.meta.url).resolve("typescript/package.json");

rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [join(dirname(packageFile), "bin/tsc"), "-p", root], { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
chmodSync(join(root, "dist/lib/cli/main.js"), 0o755);
await bundle(join(root, "dist/lambda"));
