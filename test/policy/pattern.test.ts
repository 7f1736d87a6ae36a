import { describe, expect, it } from "vitest";
import { coversPattern, judgedSegments, parsePattern, type RequestPattern } from "../../lib/policy/pattern.js";

const read = (text: string): RequestPattern => {
  const pattern = parsePattern(text);
  if (typeof pattern === "string") throw new Error(`${text}: ${pattern}`);
  return pattern;
};

describe("parsePattern", () => {
  it.each<[string, RequestPattern]>([
    ["GET /", { method: "GET", segments: [], rest: false }],
    ["GET /**", { method: "GET", segments: [], rest: true }],
    ["POST /v1/charges", { method: "POST", segments: ["v1", "charges"], rest: false }],
    ["PUT /releases/{id}", { method: "PUT", segments: ["releases", undefined], rest: false }],
    ["GET /{a}/{b_2}/**", { method: "GET", segments: [undefined, undefined], rest: true }],
    ["GET /%7Euser/caf%c3%a9", { method: "GET", segments: ["~user", "caf%C3%A9"], rest: false }],
    ["GET /a:b@c,d+e=!$&'()", { method: "GET", segments: ["a:b@c,d+e=!$&'()"], rest: false }],
    ["GET /constructor/__proto__", { method: "GET", segments: ["constructor", "__proto__"], rest: false }],
  ])("reads %s", (text, pattern) => {
    expect(parsePattern(text)).toEqual(pattern);
  });

  it.each([
    ["GET", "it is not `METHOD /segments`"],
    ["/a", "it is not `METHOD /segments`"],
    ["get /a", "it is not `METHOD /segments`"],
    ["* /a", "it is not `METHOD /segments`"],
    ["GET  /a", "it is not `METHOD /segments`"],
    ["GET a", "it is not `METHOD /segments`"],
    ["GET https://a.example/", "it is not `METHOD /segments`"],
    ["GET /a/", "it has an empty segment, which only `**` matches"],
    ["GET //a", "it has an empty segment, which only `**` matches"],
    ["GET /a//**", "it has an empty segment, which only `**` matches"],
    ["GET /**/a", "`**` stands before the last segment"],
    ["GET /**/**", "`**` stands before the last segment"],
    ["GET /a*", "the segment `a*` mixes text with a placeholder"],
    ["GET /*", "the segment `*` mixes text with a placeholder"],
    ["GET /{id}.json", "the segment `{id}.json` mixes text with a placeholder"],
    ["GET /{}", "the segment `{}` mixes text with a placeholder"],
    ["GET /{1}", "the segment `{1}` mixes text with a placeholder"],
    ["GET /{a-b}", "the segment `{a-b}` mixes text with a placeholder"],
    ["GET /a?b=1", "the segment `a?b=1` is not a plain path segment"],
    ["GET /a#b", "the segment `a#b` is not a plain path segment"],
    ["GET /..", "the segment `..` is not a plain path segment"],
    ["GET /%2e%2E/a", "the segment `%2e%2E` is not a plain path segment"],
    ["GET /a%2Fb", "the segment `a%2Fb` is not a plain path segment"],
    ["GET /a%", "the segment `a%` is not a plain path segment"],
    ["GET /a;b", "the segment `a;b` is not a plain path segment"],
    ["GET /a\\b", "the segment `a\\b` is not a plain path segment"],
    ["GET /a b", "the segment `a b` is not a plain path segment"],
  ])("refuses %j and says why", (text, why) => {
    expect(parsePattern(text)).toBe(why);
  });
});

describe("judgedSegments", () => {
  it("gives the root path no segment, and keeps every other empty one", () => {
    expect(judgedSegments([""])).toEqual([]);
    expect(judgedSegments(["", ""])).toEqual(["", ""]);
    expect(judgedSegments(["a", ""])).toEqual(["a", ""]);
  });
});

describe("coversPattern", () => {
  it.each([
    ["GET /**", "GET /"],
    ["GET /**", "GET /a/{b}/**"],
    ["GET /a/**", "GET /a"],
    ["GET /a/**", "GET /a/b"],
    ["GET /{x}", "GET /a"],
    ["GET /{x}", "GET /{y}"],
    ["GET /{x}/**", "GET /a/{b}/**"],
    ["GET /a", "GET /a"],
  ])("%s covers %s", (outer, inner) => {
    expect(coversPattern(read(outer), read(inner))).toBe(true);
  });

  it.each([
    ["POST /**", "GET /a"],
    ["GET /a", "GET /A"],
    ["GET /a", "GET /a/**"],
    ["GET /a", "GET /{x}"],
    ["GET /a/**", "GET /"],
    ["GET /a/**", "GET /{x}/b"],
    ["GET /{x}/**", "GET /**"],
    ["GET /{x}", "GET /a/b"],
  ])("%s does not cover %s", (outer, inner) => {
    expect(coversPattern(read(outer), read(inner))).toBe(false);
  });
});
