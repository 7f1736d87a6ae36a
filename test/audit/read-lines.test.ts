import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLines } from "../../lib/audit/read-lines.js";

const linesOf = async (chunks: Iterable<Uint8Array>) => {
  const lines: string[] = [];
  for await (const line of readLines(chunks)) lines.push(line);
  return lines;
};

describe("readLines", () => {
  it("splits at LF wherever the chunks are cut, also within a character", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" })), fc.integer({ min: 1, max: 7 }), async (texts, size) => {
        const lines = texts.map((text) => text.replaceAll("\n", " "));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        expect(await linesOf(chunks)).toEqual(lines);
      }),
    );
  });

  it("does not split at U+2028, U+2029 or CR, which JSON text may hold or escape", async () => {
    expect(await linesOf([Buffer.from("a\u2028b\u2029c\rd\ne\n")])).toEqual(["a\u2028b\u2029c\rd", "e"]);
  });

  it("gives what follows the last LF", async () => {
    expect(await linesOf([Buffer.from("a\nb")])).toEqual(["a", "b"]);
  });

  it("gives nothing for no bytes", async () => {
    expect(await linesOf([])).toEqual([]);
  });
});
