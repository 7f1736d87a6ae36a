import { expect, test } from "vitest";
import { chainLines, denial, outcome, started } from "../audit/events.js";
import { runCli } from "./fake-io.js";

const lines = chainLines([started, outcome, denial, outcome]);
const verify = (content: readonly string[], ...words: string[]) =>
  runCli(["audit", "verify", "audit.jsonl", ...words], { files: { "audit.jsonl": content.map((line) => `${line}\n`).join("") } });
const headOf = (line: string) => JSON.parse(line).hash as string;

test("a chain that holds exits with 0 and tells its events and its head", async () => {
  expect(await verify(lines)).toMatchObject({
    exitCode: 0,
    err: "",
    out: [
      "verified: audit.jsonl",
      "  events: 4",
      `  head: event 4, hash ${headOf(lines[3]!)}`,
      "  compare the head with one kept elsewhere: events missing from the end leave no trace in the file",
      "",
    ].join("\n"),
  });
});

test("a torn last line is no tampering, and is told", async () => {
  const { exitCode, out } = await verify(lines.with(3, lines[3]!.slice(0, 40)));
  expect(exitCode).toBe(0);
  expect(out).toContain("verified: audit.jsonl\n  events: 3\n");
  expect(out).toContain("  the last line is torn: a crash cut it off before it was acknowledged\n");
});

// biome-ignore format: one row a change
test.each([
  ["an edit", lines.with(1, lines[1]!.replace("payments", "mallory")), "line 2, event 2: edited, its text is not what was written"],
  ["a dropped event", lines.toSpliced(1, 1), "line 2, event 3: dropped, events before it are missing"],
  ["a truncated head", lines.slice(1), "line 1, event 2: truncated head, the file does not begin with event 1"],
  ["two events that changed places", lines.with(1, lines[2]!).with(2, lines[1]!), "line 2, event 3: reordered, an event that belongs before it stands further down"],
  ["an event written again", [...lines, lines[1]!], "line 5, event 2: forked, it follows another event than the one before it"],
])("%s exits with 4 and names the first bad line", async (_, changed, told) => {
  const { exitCode, out } = await verify(changed);
  expect(exitCode).toBe(4);
  expect(out).toMatch(/^tampered: audit\.jsonl\n/);
  expect(out).toContain(`  ${told}\n`);
});

test("--json is the report", async () => {
  expect(JSON.parse((await verify(lines.toSpliced(1, 1), "--json")).out)).toEqual({
    verified: false,
    file: "audit.jsonl",
    events: 1,
    head: { seq: 1, hash: headOf(lines[0]!) },
    firstBad: { line: 2, seq: 3, problem: "dropped" },
    tornLastLine: false,
  });
});

test("a file that is not there exits with 2", async () => {
  expect(await runCli(["audit", "verify", "gone.jsonl"])).toMatchObject({
    exitCode: 2,
    out: "",
    err: expect.stringContaining("cannot read gone.jsonl: there is no such file (INPUT_INVALID)"),
  });
});
