import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_START, chainEvent, readChainLine } from "../../lib/audit/chain.js";
import { canonicalJson } from "../../lib/canonical-json.js";
import { chainLines, outcome, started } from "./events.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const event = fc.dictionary(
  fc.string().filter((name) => !["seq", "prev", "hash", "__proto__"].includes(name)),
  fc.jsonValue(),
);

describe("chainEvent", () => {
  it("starts from 64 zeros with seq 1", () => {
    const prev = "0".repeat(64);
    const hash = sha256(`${prev}\n{"a":1,"seq":1}`);
    expect(chainEvent(CHAIN_START, { a: 1 })).toEqual({
      line: `{"a":1,"hash":"${hash}","prev":"${prev}","seq":1}`,
      state: { seq: 1, hash },
    });
  });

  it("writes the canonical JSON of the event with seq, prev and hash, whatever the event's members are called", () => {
    fc.assert(
      fc.property(event, fc.nat(), (members, seq) => {
        const state = { seq, hash: sha256(String(seq)) };
        const hash = sha256(`${state.hash}\n${canonicalJson({ ...members, seq: seq + 1 })}`);
        const line = canonicalJson({ ...members, seq: seq + 1, prev: state.hash, hash });
        expect(chainEvent(state, members)).toEqual({ line, state: { seq: seq + 1, hash } });
      }),
    );
  });

  it("writes an event without members", () => {
    expect(JSON.parse(chainEvent(CHAIN_START, {}).line)).toMatchObject({ seq: 1, prev: CHAIN_START.hash });
  });

  it("chains each event to the hash of the one before", () => {
    const [first, second] = chainLines([started, outcome]).map((line) => JSON.parse(line));
    expect(second).toMatchObject({ seq: 2, prev: first.hash });
  });

  it.each(["seq", "prev", "hash"])("refuses an event that brings its own %s", (name) => {
    expect(() => chainEvent(CHAIN_START, { [name]: 1 })).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining("must not bring its own") }),
    );
  });

  it("refuses what JSON cannot hold", () => {
    expect(() => chainEvent(CHAIN_START, { details: { x: undefined } })).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});

describe("readChainLine", () => {
  const [line] = chainLines([outcome]);

  it("reads back every event that was written", () => {
    fc.assert(
      fc.property(event, fc.nat(), (members, seq) => {
        const written = chainEvent({ seq, hash: sha256("x") }, members);
        const plain = JSON.parse(canonicalJson(members));
        expect(readChainLine(written.line)).toEqual({ event: plain, prev: sha256("x"), state: written.state });
      }),
    );
  });

  it("refuses a line of which any one character was changed", () => {
    for (let i = 0; i < line!.length; i++) {
      const changed = `${line!.slice(0, i)}${line![i] === "1" ? "2" : "1"}${line!.slice(i + 1)}`;
      if (readChainLine(changed) !== undefined) expect.fail(`a change at ${i} was not seen`);
    }
  });

  // biome-ignore format: a table
  it.each([
    ["with white space", line!.replace(":", ": ")],
    ["with a duplicate member", line!.replace("{", '{"caller":"mallory",')],
    ["with members out of order", `{"seq":1,${line!.slice(1).replace(',"seq":1', "")}`],
    ["without a seq", line!.replace('"seq":1,', "")],
    ["with a seq that is no integer", line!.replace('"seq":1', '"seq":"1"')],
    ["that is an array", "[]"],
    ["that is empty", ""],
    ["cut short", line!.slice(0, -1)],
  ])("refuses a line %s", (_, text) => {
    expect(text).not.toBe(line);
    expect(readChainLine(text)).toBeUndefined();
  });
});
