/**
 * Runs code of this repository in a process of its own, for tests of what several processes, a kill or a limit of the
 * operating system do to a store. The code is bundled, so that no build is needed first.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { buildSync } from "esbuild";

const ROOT = resolve(__dirname, "../../..");

/**
 * Bundles a script to a file below `node_modules`, where it finds the packages.
 * @param source TypeScript; imports such as `./lib/errors.js` are relative to the project's root
 * @param whenDone takes the removal and runs it at the end: `afterAll`
 */
export const bundleScript = (name: string, source: string, whenDone: (remove: () => void) => void): string => {
  const folder = resolve(ROOT, "node_modules/.cache/sallyport-tests");
  const file = resolve(folder, `${name}-${process.pid}.cjs`);
  mkdirSync(folder, { recursive: true });
  buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: "ts", sourcefile: `${name}.ts` },
    outfile: file,
    bundle: true,
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  whenDone(() => rmSync(file, { force: true }));
  return file;
};

export interface ChildResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * @param options.maxFileKiB no file may grow beyond it: what writes get is an error, as on a full disk
 * @param options.onOutput sees what was written so far, and may kill the child
 */
export const runScript = (
  file: string,
  args: readonly string[],
  options: { maxFileKiB?: number; onOutput?: (stdout: string, child: ChildProcessWithoutNullStreams) => void } = {},
): Promise<ChildResult> =>
  new Promise((done, fail) => {
    const limit = options.maxFileKiB === undefined ? "" : `ulimit -f ${options.maxFileKiB}; `;
    const child = spawn("bash", ["-c", `${limit}exec "$0" "$@"`, process.execPath, file, ...args]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
      options.onOutput?.(stdout, child);
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", fail);
    child.on("close", (code, signal) => done({ stdout, stderr, code, signal }));
  });
