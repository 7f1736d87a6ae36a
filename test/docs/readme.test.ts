import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalPolicy, parsePolicy } from "../../lib/policy/index.js";
import { blocks, README, README_POLICY, ROOT } from "./readme.js";

/** README's words and commands are run as they stand, against the build that `npm test` has made. */
const MINUTES = 60_000;
const work = mkdtempSync(join(tmpdir(), "sallyport-readme-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

// A user's project: its own package.json, so that none above it counts; the package and its peers stand in its node_modules.
writeFileSync(join(work, "package.json"), JSON.stringify({ name: "readme-user", private: true }));
mkdirSync(join(work, "node_modules"));
symlinkSync(ROOT, join(work, "node_modules/sallyport"));
for (const name of ["cdktf", "@cdktf", "constructs", "@types"])
  symlinkSync(join(ROOT, "node_modules", name), join(work, "node_modules", name));

const run = (command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, ...env } });

/** Type-checks a snippet as a user's project would, emits it, and runs it. */
function compileAndRun(name: string, source: string, env: Record<string, string> = {}) {
  writeFileSync(join(work, name), source);
  const options = ["--strict", "--skipLibCheck", "--target", "es2022", "--types", "node", "--module", "nodenext", "--outDir", "out"];
  const compiled = run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...options, name], work);
  expect(compiled.stdout + compiled.stderr).toBe("");
  return run(process.execPath, [join(work, "out", name.replace(/ts$/, "js"))], work, env);
}

describe("README", () => {
  it("opens with one sentence, the two commands and a picture", () => {
    const [title, sentence, commands, picture] = README.split("\n\n");
    expect(title).toBe("# Sallyport");
    expect(sentence!.match(/\.(\s|$)/g)).toHaveLength(1);
    expect(commands).toMatch(/^```sh\nnpm start .*\nnpm test .*\n```$/);
    const path = /!\[.+\]\((.+)\)/.exec(picture!)![1]!;
    expect(readFileSync(join(ROOT, path), "utf8")).toContain("<svg");
  });

  it("draws every stage of the pipeline", async () => {
    const { PIPELINE } = await import("../../lib/pipeline/handle.js");
    const picture = readFileSync(join(ROOT, ".github/pipeline.svg"), "utf8");
    for (const name of [...PIPELINE.stages.map((stage) => stage.name), "record"]) expect(picture).toContain(`>${name}</text>`);
  });

  it("names every dependency of package.json, and says why", () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const table = README.slice(README.indexOf("## What it is built on"));
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) expect(table).toContain(name);
  });

  it("has a constructs example that compiles and synthesizes the policy shown as YAML", { timeout: 2 * MINUTES }, () => {
    const outdir = join(work, "cdktf.out");
    const { status, stderr } = compileAndRun("example.ts", blocks("ts")[0]!, { CDKTF_OUTDIR: outdir });
    expect(stderr).not.toMatch(/error/i);
    expect(status).toBe(0);
    const { document } = parsePolicy([README_POLICY], { today: "2026-01-01" });
    expect(readFileSync(join(outdir, "stacks/egress-prod/door.policy.json"), "utf8")).toBe(canonicalPolicy(document!));
  });

  it("has a YAML policy that is valid but for the parts it names as not enforced", () => {
    const { document, problems } = parsePolicy([README_POLICY], { today: "2026-01-01" });
    expect(document).toBeDefined();
    expect(new Set(problems.map(({ rule }) => rule))).toEqual(new Set(["not-enforced"]));
  });

  /** A line that prints ends in a comment that says what. */
  const LIBRARY_EXAMPLES = blocks("ts runnable").map((source, index) => ({
    name: `example-${index + 1}.mts`,
    source,
    printed: [...source.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => `${text}\n`).join(""),
  }));

  it("has a library example for each way to sign", () => {
    const sources = LIBRARY_EXAMPLES.map(({ source }) => source).join("");
    const names = ["hmacProfile", "rfc9421Profile", "awsProfile", "presetProfile", "templateProfile", "keyring", "signFetch"];
    for (const name of names) expect(sources).toContain(`${name}(`);
  });

  it.each(LIBRARY_EXAMPLES)(
    "has a library example that runs: $name prints $printed",
    { timeout: 2 * MINUTES },
    ({ name, source, printed }) => {
      const { status, stdout, stderr } = compileAndRun(name, source);
      expect(stderr).toBe("");
      expect(printed).not.toBe("");
      expect(stdout).toBe(printed);
      expect(status).toBe(0);
    },
  );
});

describe("README's commands", () => {
  const commands = blocks("sh")
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("npx sallyport"))
    .map((line) => line.replace("npx sallyport", `"${process.execPath}" "${join(ROOT, "dist/lib/cli/main.js")}"`));
  const env = { XDG_CONFIG_HOME: join(work, "config") };
  symlinkSync(join(ROOT, "examples"), join(work, "examples"));
  writeFileSync(join(work, "key.txt"), "canary-of-the-readme-0123456789\n");

  it.each(commands.filter((line) => !line.includes(" serve ")))("%s", { timeout: MINUTES }, (line) => {
    const { status, stdout, stderr } = run("sh", ["-c", line], work, env);
    expect(stderr).not.toMatch(/error/i);
    expect(stdout + stderr).not.toContain("canary-of-the-readme");
    expect(status).toBe(0);
  });

  it("synthesizes the example that is deployed", { timeout: MINUTES }, () => {
    const line = blocks("sh")
      .join("")
      .split("\n")
      .find((command) => command.startsWith("node dist/examples/"))!;
    symlinkSync(join(ROOT, "dist"), join(work, "dist"));
    const { status, stderr } = run("sh", ["-c", line], work);
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(work, "cdktf.out/stacks/payments/cdk.tf.json"), "utf8")).toContain("aws_lambda_function");
  });

  it("serve listens until it is told to end", { timeout: MINUTES }, async () => {
    const line = commands.find((command) => command.includes(" serve "))!.replace("8080", "0");
    const child = spawn("sh", ["-c", `exec ${line}`], { cwd: work, env: { ...process.env, ...env } });
    let printed = "";
    const ended = new Promise((done) => child.on("exit", done));
    const collect = (chunk: Buffer): void => {
      printed += chunk;
      if (!child.killed && /^ready/m.test(printed)) child.kill("SIGTERM");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    expect(await ended, printed).toBe(0);
    expect(printed).toContain("ledger");
  });
});
