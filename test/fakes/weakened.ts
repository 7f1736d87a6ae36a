/**
 * The real command line with one file of the product replaced: how tests show that a guard is what refuses. Nothing in
 * the product can be switched off, so the replacement happens when the script is bundled.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(__dirname, "../..");

export interface Weakening {
  /** The file that is replaced, below the project's root. */
  readonly file: string;
  /** Its replacement, in TypeScript; imports are relative to the file's own folder. */
  readonly contents: string;
}

/** @returns the path of the bundled script; `whenDone` takes its removal and runs it at the end */
export async function weakenedCommandLine(
  name: string,
  { file, contents }: Weakening,
  whenDone: (remove: () => void) => void,
): Promise<string> {
  const folder = join(ROOT, "node_modules/.cache/sallyport-tests");
  const script = join(folder, `${name}-${process.pid}.cjs`);
  mkdirSync(folder, { recursive: true });
  let replaced = false;
  await build({
    entryPoints: [join(ROOT, "lib/cli/main.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    packages: "external",
    logLevel: "error",
    plugins: [
      {
        name: "weaken",
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (path !== join(ROOT, file)) return undefined;
            replaced = true;
            return { contents, loader: "ts" };
          });
        },
      },
    ],
  });
  if (!replaced) throw new Error(`${file} is no part of the command line: the weakening replaces nothing`);
  whenDone(() => rmSync(script, { force: true }));
  return script;
}
