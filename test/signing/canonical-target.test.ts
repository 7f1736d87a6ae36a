import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalTarget, formatTarget } from "../../lib/signing/canonical-target.js";

describe("a canonical target", () => {
  it.each([
    ["is what has no query", "/stripe/v1/charges", "/stripe/v1/charges"],
    ["drops an empty query", "/a?", "/a"],
    ["sorts pairs by name, then by value", "/a?b=2&a=3&a=1", "/a?a=1&a=3&b=2"],
    ["sorts names before it joins them, for = sorts after -", "/a?a-b=1&a=2", "/a?a=2&a-b=1"],
    ["sorts capitals first, as code units do", "/a?b=1&B=1", "/a?B=1&b=1"],
    ["gives a name without a value an empty one", "/a?b&a=", "/a?a=&b="],
    ["leaves out pairs that are empty", "/a?&&b=1&", "/a?b=1"],
    ["keeps a pair without a name", "/a?=1", "/a?=1"],
    ["keeps an equals sign in a value, encoded", "/a?a=b=c", "/a?a=b%3Dc"],
    ["takes + for a space", "/a?q=a+b", "/a?q=a%20b"],
    ["keeps a plus that was encoded", "/a?q=a%2Bb", "/a?q=a%2Bb"],
    ["decodes what need not be encoded", "/a?%71=%7e%2d%5f%2e", "/a?q=~-_."],
    ["writes escapes in upper case", "/a?q=%c3%bc", "/a?q=%C3%BC"],
    ["encodes what RFC 3986 reserves, also where encodeURIComponent does not", "/a?q=!'()*:@/,$", "/a?q=%21%27%28%29%2A%3A%40%2F%2C%24"],
    ["encodes once what was encoded twice", "/a?q=%252F", "/a?q=%252F"],
    ["keeps a plus in the path", "/a+b", "/a+b"],
    ["writes the path as the door judges it", "/%7euser/%c3%bc", "/~user/%C3%BC"],
    ["keeps empty segments", "/a//b/", "/a//b/"],
  ])("%s", (_, raw, canonical) => {
    expect(canonicalTarget(raw)).toBe(canonical);
    expect(canonicalTarget(canonical)).toBe(canonical);
  });

  it.each([
    ["a target that is no path", "https://a.example/", "REQUEST_MALFORMED"],
    ["a dot segment", "/a/../b", "TARGET_AMBIGUOUS"],
    ["a fragment", "/a#b", "TARGET_AMBIGUOUS"],
    ["a line break in the query", "/a?q=%0a", "TARGET_AMBIGUOUS"],
    ["a target that is too long", `/${"a".repeat(8192)}`, "HEADERS_TOO_LARGE"],
  ])("is not made of %s", (_, raw, code) => {
    expect(() => canonicalTarget(raw)).toThrow(expect.objectContaining({ code }));
  });

  const text = fc.string({ unit: "binary", maxLength: 8 }).filter((each) => !/[\0\r\n]/.test(each));

  it("does not depend on the order of the pairs, and is its own canonical form", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), fc.infiniteStream(fc.double({ noNaN: true })), (pairs, keys) => {
        const shuffled = pairs.map((pair) => [keys.next().value!, pair] as const).sort(([a], [b]) => a - b);
        const target = formatTarget("/a", pairs);
        expect(
          formatTarget(
            "/a",
            shuffled.map(([, pair]) => pair),
          ),
        ).toBe(target);
        expect(canonicalTarget(target)).toBe(target);
      }),
    );
  });

  it("tells different multisets of pairs apart", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), fc.array(fc.tuple(text, text)), (some, others) => {
        const sorted = (pairs: [string, string][]) => pairs.map((pair) => JSON.stringify(pair)).sort();
        const same = JSON.stringify(sorted(some)) === JSON.stringify(sorted(others));
        expect(formatTarget("/a", some) === formatTarget("/a", others)).toBe(same);
      }),
    );
  });
});
