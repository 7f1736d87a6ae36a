/**
 * Node.js 22, which Lambda runs the function with: this process's own, the one that `SALLYPORT_NODE22` names, or the npm
 * package of its binary, kept in `node_modules/.cache`. Not a dependency: its `node` would stand before the machine's own
 * in every npm script.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./project.js";

const MAJOR = "22";

/**
 * @returns the path of the executable
 * @throws Error that says how to get it
 */
export function node22(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.SALLYPORT_NODE22;
  if (chosen !== undefined) return isNode22(chosen) ? chosen : refuse(`SALLYPORT_NODE22 names ${chosen}, which is another`);
  if (isNode22(process.execPath)) return process.execPath;

  const packageName = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = join(PROJECT, "node_modules/.cache/node22");
  const installed = join(folder, "node_modules", packageName, process.platform === "win32" ? "bin/node.exe" : "bin/node");
  if (isNode22(installed)) return installed;
  const args = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--loglevel=error", `${packageName}@${MAJOR}`];
  const { stderr, error } = spawnSync("npm", args, { encoding: "utf8", shell: process.platform === "win32" });
  return isNode22(installed) ? installed : refuse(`npm could not install ${packageName}@${MAJOR}: ${error?.message ?? stderr.trim()}`);
}

function isNode22(path: string): boolean {
  if (path !== process.execPath && !existsSync(path)) return false;
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return stdout?.startsWith(`v${MAJOR}.`) ?? false;
}

function refuse(problem: string): never {
  throw new Error(
    `Node.js ${MAJOR} is needed. ${problem}. Install it from https://nodejs.org and name its executable by SALLYPORT_NODE22.`,
  );
}
