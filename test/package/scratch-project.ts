/**
 * A project of a user's own, made anew outside the repository, so that nothing resolves from the repository's packages.
 * npm keeps what it downloads below `node_modules/.cache`: the second run needs no registry.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const REPOSITORY = join(__dirname, "../..");
const NPM_CACHE = join(REPOSITORY, "node_modules/.cache/npm");

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

export function run(folder: string, command: string, args: readonly string[]): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { status, output: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim() };
}

/** Packs the package as it was built. @returns the archive's path */
export function pack(folder: string): string {
  const { status, output } = run(REPOSITORY, "npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder]);
  if (status !== 0) throw new Error(`npm pack failed: ${output}`);
  return join(folder, output);
}

/** Installs packages by name and range. @throws when the registry cannot be reached and was not before */
export function install(folder: string, packages: Readonly<Record<string, string>>): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", `--cache=${NPM_CACHE}`];
  const { status, output } = run(folder, "npm", ["install", ...flags]);
  if (status !== 0) throw new Error(`npm could not install what the test needs; is the registry within reach?\n${output}`);
}

export interface Sources {
  /** Default: none, which means CommonJS. */
  readonly type?: "module";
  readonly compilerOptions: object;
  /** Files of `test/package/project`. */
  readonly files: readonly string[];
}

/** A folder with sources of its own, below one that packages were installed into. */
export function project(installed: string, name: string, { type, compilerOptions, files }: Sources) {
  const folder = join(installed, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, ...(type && { type }) }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.ts"], exclude: ["cdktf.out"] }));
  for (const file of files) cpSync(join(__dirname, "project", file), join(folder, file));
  const node = (...args: string[]): Ran => run(folder, process.execPath, args);
  return {
    folder,
    typeCheck: (...flags: string[]) => node(join(installed, "node_modules/typescript/bin/tsc"), "--noEmit", ...flags),
    /** @param runner path of a program that runs TypeScript, below `node_modules` */
    execute: (runner: string, file: string) => node(join(installed, "node_modules", runner), file),
  };
}
