import { expect, it } from "vitest";
import { logAudit } from "../../../lib/adapters/aws/log-audit.js";
import { readChainLine } from "../../../lib/audit/chain.js";
import { SecretValue } from "../../../lib/secret-value.js";

function recorded() {
  const lines: string[] = [];
  let failure: Error | undefined;
  const audit = logAudit(async (line) => {
    if (failure) throw failure;
    lines.push(line);
  });
  return {
    audit,
    lines,
    fail(error?: Error) {
      failure = error;
    },
  };
}

it("writes one line an event, each chained to the one before", async () => {
  const { audit, lines } = recorded();
  await audit.append({ kind: "denial", reason: "NOT_GRANTED" });
  await audit.append({ kind: "outcome", reason: "granted" });
  const chained = lines.map((line) => readChainLine(line)!);
  expect(chained.map(({ event, state: { seq } }) => [seq, event.reason])).toEqual([
    [1, "NOT_GRANTED"],
    [2, "granted"],
  ]);
  expect(chained.map(({ prev }) => prev)).toEqual(["0".repeat(64), chained[0]!.state.hash]);
});

it("answers AUDIT_UNAVAILABLE when the log takes nothing, and shows the gap afterwards", async () => {
  const { audit, lines, fail } = recorded();
  await audit.append({ kind: "denial" });
  fail(new Error("EPIPE"));
  await expect(audit.append({ kind: "outcome" })).rejects.toThrow(expect.objectContaining({ code: "AUDIT_UNAVAILABLE" }));
  fail();
  await audit.append({ kind: "denial" });
  const [first, second] = lines.map((line) => readChainLine(line)!);
  expect([first!.state.seq, second!.state.seq]).toEqual([1, 3]);
  expect(second!.prev).not.toBe(first!.state.hash);
});

it("writes no secret", async () => {
  const { audit, lines } = recorded();
  await audit.append({ kind: "denial", details: { key: new SecretValue("do not print") } });
  expect(lines[0]).toContain('"key":"[redacted]"');
  expect(lines[0]).not.toContain("do not print");
});
