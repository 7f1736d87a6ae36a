import { describe } from "vitest";
import { testCase, testLines } from "./rfc-case.js";
import { RFC_CASES, RFC_KEYS, RFC_LINES } from "./rfc-examples.js";

describe("RFC 9421's own examples", () => {
  for (const example of RFC_CASES) testCase(example, RFC_KEYS);
  for (const group of RFC_LINES) testLines(group);
});
