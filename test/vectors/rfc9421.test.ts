import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type RfcCase, type RfcComponentLines, type RfcKey, testCase, testLines } from "../signing/rfc9421/rfc-case.js";
import { vectorPath } from "./vector-file.js";

interface Vectors {
  readonly keys: Readonly<Record<string, RfcKey>>;
  readonly cases: readonly RfcCase[];
  readonly components: readonly RfcComponentLines[];
}

const file = vectorPath("rfc9421/rfc9421-vectors.json");
const { keys, cases, components }: Vectors = file ? JSON.parse(readFileSync(file, "utf8")) : { keys: {}, cases: [], components: [] };

// https://www.rfc-editor.org/rfc/rfc9421. A lone clone has the RFC's examples in test/signing/rfc9421.
describe("RFC 9421", () => {
  it("has all its cases here, or none where the data is absent", () => {
    const lines = components.flatMap((group) => group.lines);
    expect([cases.length, lines.length, cases.filter(({ valid }) => !valid).length]).toEqual(file ? [19, 36, 2] : [0, 0, 0]);
  });

  for (const example of cases) testCase(example, keys);
  for (const group of components) testLines(group);
});
