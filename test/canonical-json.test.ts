import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../lib/canonical-json.js";
import { SecretValue } from "../lib/secret-value.js";

describe("canonicalJson, by the examples of RFC 8785", () => {
  it("writes the sample of section 3.2.2 as section 3.2.3 prints it", () => {
    const sample = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalJson(sample)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("sorts the sample of section 3.2.3 by UTF-16 code units", () => {
    const sample = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(Object.values(JSON.parse(canonicalJson(Object.entries(sample).map(([name]) => name))))).toHaveLength(7);
    const written = canonicalJson(sample);
    const order = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew Letter"];
    expect(order.map((text) => written.indexOf(text))).toEqual(order.map((text) => written.indexOf(text)).toSorted((a, b) => a - b));
    expect(written.startsWith(String.raw`{"\r":"Carriage Return","1":"One"`)).toBe(true);
  });

  // biome-ignore format: a table
  it.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("writes the double %s of appendix B as %s", (hex, text) => {
    expect(canonicalJson(Buffer.from(hex, "hex").readDoubleBE())).toBe(text);
  });
});

describe("canonicalJson", () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, inner]) => [name, shuffled(inner)]),
    );
  };
  const wellFormed = fc.jsonValue({ stringUnit: "binary" });

  it("says what JSON.parse reads back", () => {
    fc.assert(fc.property(wellFormed, (value) => void expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it("gives one text for one value, in whatever order the members come", () => {
    fc.assert(fc.property(wellFormed, (value) => void expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))));
  });

  it("leaves its own output as it is", () => {
    fc.assert(fc.property(wellFormed, (value) => void expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))));
  });

  it("writes every single code unit and pair of code units as JSON.stringify does", () => {
    for (let unit = 0; unit < 0x10000; unit++) {
      if (unit >= 0xd800 && unit <= 0xdfff) continue;
      const text = String.fromCharCode(unit);
      if (canonicalJson(text) !== JSON.stringify(text)) expect.fail(`code unit ${unit}`);
    }
    expect(canonicalJson("\ud83d\ude00\u2028")).toBe('"\ud83d\ude00\u2028"');
  });

  it("sorts names that look like numbers as text", () => {
    expect(canonicalJson({ 9: 1, 10: 2, a: 3 })).toBe('{"10":2,"9":1,"a":3}');
  });

  it("keeps a member named __proto__", () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":2}}'))).toBe('{"__proto__":{"x":2},"b":1}');
  });

  it("writes a secret as [redacted]", () => {
    expect(canonicalJson({ key: new SecretValue("s3cr3t") })).toBe('{"key":"[redacted]"}');
  });

  const sparse: unknown[] = [1];
  sparse[2] = 3;
  // biome-ignore format: a table
  it.each([
    ["undefined", undefined, "undefined"],
    ["NaN", Number.NaN, "NaN"],
    ["infinity", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["a function", () => 1, "function"],
    ["a symbol", Symbol("x"), "symbol"],
    ["a bigint", 1n, "bigint"],
    ["a map", new Map(), "Map"],
    ["a lone high surrogate", "\ud800x", "a lone surrogate"],
    ["a lone low surrogate", "x\udc00", "a lone surrogate"],
    ["an array with a hole", sparse, "undefined"],
  ])("refuses %s and names the member", (_, value, found) => {
    expect(() => canonicalJson({ outer: { inner: value } })).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", details: { member: "inner", found } }),
    );
    expect(() => canonicalJson(value)).toThrow(`canonical JSON cannot hold ${found} (member "")`);
  });

  it("refuses a lone surrogate in a member's name", () => {
    expect(() => canonicalJson({ "\udfff": 1 })).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
