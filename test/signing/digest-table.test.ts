import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DigestTable, digestOf } from "../../lib/signing/digest-table.js";

const digestFrom = (...words: number[]) => Int32Array.from(words);

describe("digestOf", () => {
  it("is the first 128 bits of the text's SHA-256", () => {
    const digest = digestOf("größe");
    expect(Buffer.from(digest.slice().buffer).toString("hex")).toBe(createHash("sha256").update("größe").digest("hex").slice(0, 32));
  });
});

describe("DigestTable", () => {
  it("tells digests apart that differ in one word only", () => {
    const table = new DigestTable(8);
    table.add(digestFrom(1, 2, 3, 4));
    for (const near of [digestFrom(17, 2, 3, 4), digestFrom(1, 18, 3, 4), digestFrom(1, 2, 19, 4), digestFrom(1, 2, 3, 20)]) {
      expect(table.find(near)).toBe(0);
      expect(table.find(near)).not.toBe(table.add(near));
    }
    expect(table.size).toBe(5);
  });

  it("numbers its slots from 1 to its capacity and uses freed ones again", () => {
    const table = new DigestTable(3);
    const slots = [10, 11, 12].map((word) => table.add(digestFrom(word, 0, 0, 0)));
    expect(slots.toSorted()).toEqual([1, 2, 3]);
    table.remove(slots[1]!);
    expect(table.add(digestFrom(13, 0, 0, 0))).toBe(slots[1]);
  });

  it("agrees with a Map whatever is added and removed, also where homes collide and probing wraps around", () => {
    // 16 positions: the first words have 5 homes, the last two next to the end.
    const digest = fc.tuple(fc.constantFrom(0, 1, 2, 14, 15), fc.integer({ min: 0, max: 2 })).map(([home, word]) => [home, word] as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), digest), { maxLength: 200, size: "max" }), (steps) => {
        const table = new DigestTable(8);
        const model = new Map<string, number>();
        for (const [adds, [home, word]] of steps) {
          const key = `${home} ${word}`;
          const slot = table.find(digestFrom(home, word, 0, 0));
          expect(slot).toBe(model.get(key) ?? 0);
          if (adds && slot === 0 && model.size < 8) model.set(key, table.add(digestFrom(home, word, 0, 0)));
          if (!adds && slot !== 0) {
            table.remove(slot);
            model.delete(key);
          }
          expect(table.size).toBe(model.size);
        }
        expect(new Set(model.values()).size).toBe(model.size);
      }),
      { numRuns: 200 },
    );
  });
});
