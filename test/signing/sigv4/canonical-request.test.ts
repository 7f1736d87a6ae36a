import { describe, expect, it } from "vitest";
import {
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  isAmbiguousPath,
  queryPairs,
} from "../../../lib/signing/sigv4/canonical-request.js";

describe("canonicalPath", () => {
  it.each([
    ["", "/", "/"],
    ["/", "/", "/"],
    ["/a/b", "/a/b", "/a/b"],
    ["/a/b/", "/a/b/", "/a/b/"],
    ["/a//b", "/a/b", "/a//b"],
    ["/a/./b/../c", "/a/c", "/a/./b/../c"],
    ["/../../a", "/a", "/../../a"],
    ["/a/..", "/", "/a/.."],
    ["/a%20b", "/a%2520b", "/a%20b"],
    ["/a%2fb", "/a%252fb", "/a/b"],
    ["/a!'()*b", "/a%21%27%28%29%2Ab", "/a%21%27%28%29%2Ab"],
    ["/%61", "/%2561", "/a"],
    ["/ä", "/%C3%A4", "/%C3%A4"],
    ["/.well-known/..x/x..", "/.well-known/..x/x..", "/.well-known/..x/x.."],
  ])("of %j is %j, for S3 %j", (path, normalized, s3) => {
    expect([canonicalPath(path, "normalized"), canonicalPath(path, "s3")]).toEqual([normalized, s3]);
  });

  it.each(["/%", "/%zz", "/%ff", "/%c0%af", "/%ed%a0%80"])("of %j is none for S3, which would decode it", (path) => {
    expect(canonicalPath(path, "s3")).toBeUndefined();
    expect(canonicalPath(path, "normalized")).toBe(path.replaceAll("%", "%25"));
  });
});

describe("isAmbiguousPath", () => {
  it.each([
    ["/a/b/", false, false],
    ["/a//b", true, false],
    ["/a/../b", true, false],
    ["/a/.", true, false],
    ["/a%2Fb", false, true],
    ["/a%2fb", false, true],
    ["/a%2eb", false, false],
  ])("of %j is %s, for S3 %s", (path, normalized, s3) => {
    expect([isAmbiguousPath(path, "normalized"), isAmbiguousPath(path, "s3")]).toEqual([normalized, s3]);
  });
});

describe("canonicalQuery", () => {
  it.each([
    ["", ""],
    ["&&", ""],
    ["a", "a="],
    ["a=", "a="],
    ["=a", "=a"],
    ["a==", "a=%3D"],
    ["b=2&a=1", "a=1&b=2"],
    ["a=2&a=1&a=", "a=&a=1&a=2"],
    ["a-b=1&a=2", "a=2&a-b=1"],
    ["b=1&B=2", "B=2&b=1"],
    ["q=a%2fb/c", "q=a%2Fb%2Fc"],
    ["q=%7E%2D~", "q=~-~"],
    ["q=%20", "q=%20"],
    ["q=%2B", "q=%2B"],
    ["__proto__=1", "__proto__=1"],
  ])("of %j is %j", (query, canonical) => {
    expect(canonicalQuery(queryPairs(query)!)).toBe(canonical);
  });

  it.each(["a+b", "a=+", "a=%", "a=%zz", "a=%ff", "%c0%af=1"])("of %j is none, it can be read in two ways", (query) => {
    expect(queryPairs(query)).toBeUndefined();
  });
});

describe("canonicalHeaders", () => {
  it("sorts names, joins values in their order and makes white space one space", () => {
    const headers = canonicalHeaders([
      ["x-b", "2"],
      ["x-a", "  a   b\t c "],
      ["x-b", "1"],
      ["x-c", ""],
    ]);
    expect(headers).toEqual({ lines: "x-a:a b c\nx-b:2,1\nx-c:\n", signedHeaders: "x-a;x-b;x-c" });
  });

  it.each(["a\nb", "a\rb", "a\0b", "a\x7fb", "ä"])("refuses the value %j", (value) => {
    expect(canonicalHeaders([["x-a", value]])).toEqual({
      denied: "PROOF_MALFORMED",
      details: { part: "x-a", expected: "printable ASCII characters in one line" },
    });
  });
});
