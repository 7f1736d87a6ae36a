import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildProgram } from "../../lib/cli/program.js";
import { runCli } from "./fake-io.js";
import { changed, POLICY } from "./policies.js";

const COMMANDS = buildProgram(async () => {}).commands.flatMap((command) =>
  command.commands.length === 0 ? [command.name()] : command.commands.map((sub) => `${command.name()} ${sub.name()}`),
);

test("--help names every command and the exit codes, on standard output", async () => {
  const { exitCode, out, err } = await runCli(["--help"]);
  expect([exitCode, err]).toEqual([0, ""]);
  for (const command of COMMANDS) expect(out).toContain(`  ${command.split(" ")[0]} `);
  expect(out).toContain(
    "Exit codes: 0 fine, 1 the tool failed, 2 invalid input, 3 access widened, 4 a guardrail, a policy test or an audit check failed.",
  );
});

test.each(COMMANDS)("%s --help shows an example of it that its own parser takes", async (command) => {
  const { exitCode, out } = await runCli([...command.split(" "), "--help"]);
  expect(exitCode).toBe(0);
  const examples = out.slice(out.indexOf("\nExamples:\n")).replaceAll("\\\n", " ");
  const lines = examples.split("\n").filter((line) => line.startsWith("  $ sallyport "));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    const words = [...line.replace(/ < \S+$/, "").matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, bare]) => double ?? single ?? bare!,
    );
    let executed = 0;
    const program = buildProgram(async () => {
      executed++;
    });
    for (const each of [program, ...program.commands]) each.exitOverride().configureOutput({ writeErr: () => {} });
    await program.parseAsync(words.slice(2), { from: "user" });
    expect([line, executed]).toEqual([line, 1]);
  }
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await runCli(["--version"])).toMatchObject({ exitCode: 0, out: `${version}\n` });
});

test("without a command shows the help on standard error and exits with 2", async () => {
  expect(await runCli([])).toMatchObject({ exitCode: 2, out: "", err: expect.stringContaining("Usage: sallyport") });
});

test.each([
  [["valdate", "p.yaml"], "(Did you mean validate?)"],
  [["validate", "p.yaml", "--overlaay", "x"], "(Did you mean --overlay?)"],
  [["validate"], "missing required argument 'policy'"],
  [["validate", "a.yaml", "b.yaml"], "too many arguments"],
  [["explain", "p.yaml"], "required option '--caller <name>' not specified"],
  [["sign", "--method", "GET", "--url", "http://a/", "--output", "xml"], "Allowed choices are headers, curl, json"],
] as const)("%j exits with 2 and says what to do", async (words, message) => {
  expect(await runCli(words)).toMatchObject({ exitCode: 2, out: "", err: expect.stringContaining(message) });
});

const invalid = { files: { "p.yaml": changed("owner: team", "owner: 7") } };

test("colours on a terminal only, and not where NO_COLOR is set", async () => {
  const coloured = await runCli(["validate", "p.yaml"], { ...invalid, isTTY: true });
  const inEmptyNoColor = await runCli(["validate", "p.yaml"], { ...invalid, isTTY: true, env: { NO_COLOR: "" } });
  const plain = await runCli(["validate", "p.yaml"], invalid);
  const forbidden = await runCli(["validate", "p.yaml"], { ...invalid, isTTY: true, env: { NO_COLOR: "1" } });
  expect(coloured.out).toContain("\u001B[31mp.yaml:");
  expect(inEmptyNoColor.out).toBe(coloured.out);
  expect(plain.out).not.toContain("\u001B");
  expect(forbidden.out).toBe(plain.out);
});

test("--json is never coloured", async () => {
  const { out } = await runCli(["validate", "p.yaml", "--json"], { ...invalid, isTTY: true });
  expect(JSON.parse(out)).toMatchObject({ valid: false });
});

test("a fault is one line of JSON on standard error with --json, with every problem", async () => {
  const words = ["explain", "p.yaml", "--caller", "payments", "--route", "vendor", "--request", "GET /", "--json"];
  const { exitCode, out, err } = await runCli(words, invalid);
  expect([exitCode, out]).toEqual([2, ""]);
  expect(JSON.parse(err)).toMatchObject({
    code: "POLICY_INVALID",
    details: { problems: [{ rule: "wrong-type", position: { line: 13 } }] },
  });
});

test("an unexpected fault exits with 1 and its message; the stack comes with SALLYPORT_DEBUG=1 only", async () => {
  const clock = { files: { "p.yaml": POLICY }, nowMs: Number.NaN };
  expect(await runCli(["validate", "p.yaml"], clock)).toMatchObject({ exitCode: 1, out: "", err: "error: Invalid time value\n" });
  const { err } = await runCli(["validate", "p.yaml"], { ...clock, env: { SALLYPORT_DEBUG: "1" } });
  expect(err).toMatch(/^error: Invalid time value\nRangeError: Invalid time value\n {4}at /);
});
