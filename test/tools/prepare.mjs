/**
 * Set-up before `npm start`, `npm test` and the rest: installs from the lock file when `node_modules` is missing or
 * older than it, builds when a source is newer than the last build, and otherwise costs nothing. Uses only Node's own
 * modules, for on a fresh clone there is nothing else.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = ["lib", "constructs", "schemas", "examples", "test", "package.json", "tsconfig.json"];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Sallyport needs Node.js 20.19 or newer; this is ${process.version}. Install a newer Node.js and run the command again.`);
  process.exit(1);
}

/** Runs one step quietly; on failure prints all it said and ends with its code. */
function step(label, command, args) {
  const started = Date.now();
  process.stderr.write(`${label}… `);
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) {
    process.stderr.write(`failed\n${stdout ?? ""}${stderr ?? ""}${error ? error.message : ""}\n`);
    process.exit(status ?? 1);
  }
  process.stderr.write(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Runs `make` unless the stamp file already holds `fingerprint`. */
function unlessStamped(stamp, fingerprint, make) {
  const path = join(root, stamp);
  if (existsSync(path) && readFileSync(path, "utf8") === fingerprint) return;
  rmSync(path, { force: true });
  make();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fingerprint);
}

const digest = (text) => createHash("sha256").update(text).digest("hex");

/** Path, size and modification time of every file: changes whenever a source does, without reading them all. */
function listing(path) {
  const stat = statSync(path);
  return stat.isDirectory()
    ? readdirSync(path)
        .sort()
        .map((name) => listing(join(path, name)))
        .join("")
    : `${path} ${stat.size} ${stat.mtimeMs}\n`;
}

unlessStamped("node_modules/.sallyport-installed", digest(readFileSync(join(root, "package-lock.json"), "utf8")), () =>
  step("Installing from the lock file", process.platform === "win32" ? "npm.cmd" : "npm", [
    "ci",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ]),
);
unlessStamped("dist/.built", digest(sources.map((name) => listing(join(root, name))).join("")), () =>
  step("Building", process.execPath, [join(root, "test/tools/build.mjs")]),
);
