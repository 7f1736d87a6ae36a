import fc from "fast-check";
import {
  type BareItem,
  type InnerList,
  type Item,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
  Token,
} from "structured-headers";
import { describe, expect, it } from "vitest";
import { itemsOf, readByteSequences, readInnerLists, readItem } from "../../../lib/signing/rfc9421/canonical-fields.js";

const text = (characters: string, maxLength: number) =>
  fc.array(fc.constantFrom(...characters), { maxLength }).map((picked) => picked.join(""));
const key = fc.tuple(fc.constantFrom("a", "z", "*"), text("az09_-.*", 5)).map((parts) => parts.join(""));
const string = text(' !"#\\,;=:()[]~abAB09', 8);
const integer = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
const bareItem: fc.Arbitrary<BareItem> = fc.oneof(
  string,
  integer,
  fc.boolean(),
  fc.constantFrom(new Token("to/k:en"), new Date(1_700_000_000_000), 1.5, -0.25),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Uint8Array.from(bytes).buffer),
);
const parameters = fc.array(fc.tuple(key, bareItem), { maxLength: 3 }).map((entries) => new Map(entries));
const item = fc.tuple(string, parameters).map((pair): Item => pair);
const innerList = fc.tuple(fc.array(item, { maxLength: 3 }), parameters).map((pair): InnerList => pair);

describe("readInnerLists", () => {
  it("reads whatever the library writes, and keeps its text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, innerList), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(",", ", ", "\t, \t"),
        (entries, separator) => {
          const members = new Map(entries);
          const written = [...members].map(([label, list]) => `${label}=${serializeInnerList(list)}`).join(separator);
          const read = readInnerLists(written);
          expect([...read!.keys()]).toEqual([...members.keys()]);
          for (const [label, [items, own]] of members) {
            const member = read!.get(label)!;
            expect(member.text).toBe(serializeInnerList([items, own]));
            expect(itemsOf(member.list)).toHaveLength(items.length);
            for (const [name, value] of own) {
              const isKnown = typeof value === "string" || typeof value === "number" || value === true;
              expect(member.parameters.get(name)).toBe(isKnown && !(typeof value === "number" && !Number.isInteger(value)) ? value : null);
            }
          }
        },
      ),
    );
  });

  it("reads nothing but what the library writes", () => {
    const piece = fc.constantFrom(
      "a",
      "sig1",
      "=",
      "(",
      ")",
      '"x"',
      '"',
      "\\",
      ";",
      "b",
      "1",
      "0",
      ".",
      ":",
      "AA",
      ",",
      " ",
      "?",
      "@",
      "-",
      "%",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const written = pieces.join("");
        for (const read of [readInnerLists, readByteSequences]) {
          if (read(written) === undefined) continue;
          expect(written.replace(/[ \t]*,[ \t]*/g, ", ")).toBe(serializeDictionary(parseDictionary(written)));
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    "",
    "a",
    "a=",
    "a=1",
    "a=()b=()",
    "a=(),",
    ",a=()",
    "a=(), a=()",
    "A=()",
    "a=( )",
    'a=("x" )',
    'a=( "x")',
    'a=("x""y")',
    'a=("x\n")',
    'a=("x\\n")',
    'a=("\xe4")',
    "a=();b;b",
    "a=(); b",
    "a=();b=?1",
    "a=();b=-0",
    "a=();b=00",
    "a=();b=1234567890123456",
    "a=();B",
    "a =()",
    " a=()",
    "a=() ",
  ])("refuses %j", (written) => {
    expect(readInnerLists(written)).toBeUndefined();
  });
});

describe("readByteSequences", () => {
  it("reads whatever the library writes", () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Uint8Array.from(array).buffer);
    fc.assert(
      fc.property(fc.array(fc.tuple(key, bytes), { minLength: 1, maxLength: 4 }), (entries) => {
        const members = new Map(entries);
        const written = serializeDictionary(new Map([...members].map(([name, value]) => [name, [value, new Map()]])));
        const expected = [...members].map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
        expect([...readByteSequences(written)!]).toEqual(expected);
      }),
    );
  });

  it.each([
    "",
    "a=:",
    "a=:A:",
    "a=:AA:",
    "a=:AB==:",
    "a=:AAB=:",
    "a=:AA=A:",
    "a=:====:",
    "a=:AA==:;b",
    "a=:AA==:, a=:AA==:",
    "a=:A-==:",
    "a=: AA==:",
    'a="AA=="',
  ])("refuses %j", (written) => {
    expect(readByteSequences(written)).toBeUndefined();
  });
});

describe("readItem", () => {
  it("gives the string and its parameters", () => {
    expect(readItem('"@query-param";name="a\\"b";req;n=1;t=tok')).toEqual([
      "@query-param",
      new Map<string, unknown>([
        ["name", 'a"b'],
        ["req", true],
        ["n", 1],
        ["t", null],
      ]),
    ]);
  });
});
