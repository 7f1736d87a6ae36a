import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_START, chainEvent, readChainLine } from "../../lib/audit/chain.js";
import { verifyChain } from "../../lib/audit/verify.js";
import { chainLines, denial, outcome, sampleEvents, started } from "./events.js";

const ten = chainLines(Array.from({ length: 10 }, (_, i) => ({ ...outcome, requestId: `request-${i + 1}` })));
const stateOf = (line: string) => readChainLine(line)!.state;

describe("verifyChain", () => {
  it("finds nothing wrong with what was written, and returns the head", async () => {
    expect(await verifyChain(chainLines(sampleEvents))).toEqual({
      events: 4,
      head: stateOf(chainLines(sampleEvents)[3]!),
      tornLastLine: false,
    });
  });

  it("finds nothing wrong with an empty file", async () => {
    expect(await verifyChain([])).toEqual({ events: 0, head: CHAIN_START, tornLastLine: false });
    expect(await verifyChain([""])).toEqual({ events: 0, head: CHAIN_START, tornLastLine: false });
  });

  it("ignores the empty text after the last line end", async () => {
    expect(await verifyChain([...ten, ""])).toMatchObject({ events: 10, tornLastLine: false });
  });

  // biome-ignore format: a table
  it.each([
    ["an edit", ten.with(4, ten[4]!.replace("payments", "mallory")), { line: 5, seq: 5, problem: "edited" }],
    ["an edit that is no JSON any more", ten.with(4, ten[4]!.slice(1)), { line: 5, seq: 5, problem: "edited" }],
    ["an empty line", ten.toSpliced(4, 0, ""), { line: 5, seq: 5, problem: "edited" }],
    ["an edit of the last event", ten.with(9, ten[9]!.replace("payments", "mallory")), { line: 10, seq: 10, problem: "edited" }],
    ["a dropped event", ten.toSpliced(4, 1), { line: 5, seq: 6, problem: "dropped" }],
    ["several dropped events", ten.toSpliced(4, 3), { line: 5, seq: 8, problem: "dropped" }],
    ["two events that changed places", ten.with(4, ten[5]!).with(5, ten[4]!), { line: 5, seq: 6, problem: "reordered" }],
    ["an event moved to the end", [...ten.toSpliced(4, 1), ten[4]!], { line: 5, seq: 6, problem: "reordered" }],
    ["a truncated head", ten.slice(3), { line: 1, seq: 4, problem: "truncated head" }],
    ["an event written twice", ten.toSpliced(5, 0, ten[4]!), { line: 6, seq: 5, problem: "forked" }],
    ["an earlier event written again", [...ten, ten[2]!], { line: 11, seq: 3, problem: "forked" }],
    ["a second history from event 5", [...ten.slice(0, 5), chainEvent(stateOf(ten[3]!), denial).line], { line: 6, seq: 5, problem: "forked" }],
    ["an event that was replaced together with its hash", ten.with(4, chainEvent(stateOf(ten[3]!), denial).line), { line: 6, seq: 6, problem: "forked" }],
    ["a chain of another file", [ten[0]!, ...chainLines([started, denial]).slice(1)], { line: 2, seq: 2, problem: "forked" }],
  ])("names the first bad event after %s", async (_, lines, firstBad) => {
    const report = await verifyChain(lines);
    expect(report).toEqual({ events: firstBad.line - 1, head: report.head, firstBad, tornLastLine: false });
    expect(report.head).toEqual(firstBad.line === 1 ? CHAIN_START : stateOf(lines[firstBad.line - 2]!));
  });

  it("tells a torn last line from tampering, wherever it was cut", async () => {
    for (let length = 1; length < ten[9]!.length; length++) {
      const report = await verifyChain(ten.with(9, ten[9]!.slice(0, length)));
      expect(report).toEqual({ events: 9, head: stateOf(ten[8]!), tornLastLine: true });
    }
  });

  it("does not take a whole event for a torn line", async () => {
    expect(await verifyChain([...ten, '{"kind":"outcome"}'])).toMatchObject({ events: 10, firstBad: { line: 11, problem: "edited" } });
  });

  it("shows by the head that events are missing from the end", async () => {
    expect((await verifyChain(ten.slice(0, 7))).head).not.toEqual(stateOf(ten[9]!));
  });

  it("finds any drop, swap or repetition of any chain", async () => {
    const change = fc.constantFrom(
      (lines: string[], i: number) => lines.toSpliced(i, 1),
      (lines: string[], i: number) => lines.with(i, lines[i + 1]!).with(i + 1, lines[i]!),
      (lines: string[], i: number, j: number) => lines.toSpliced(j, 0, lines[i]!),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.nat(), fc.nat(), change, async (length, a, b, apply) => {
        const lines = chainLines(Array.from({ length }, (_, i) => ({ ...denial, requestId: `r${i}` })));
        const report = await verifyChain(apply(lines, a % (length - 1), b % length));
        expect(report.firstBad).toBeDefined();
      }),
    );
  });

  it("reads one line at a time and stops at the first bad one", async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield read++ === 0 ? ten[0]! : "{}";
    }
    expect(await verifyChain(endless())).toMatchObject({ events: 1, firstBad: { line: 2, problem: "edited" } });
    expect(read).toBe(2);
  });
});
