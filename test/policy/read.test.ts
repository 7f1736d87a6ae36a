import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { readPolicyText } from "../../lib/policy/read.js";
import { TODAY } from "./sample-policy.js";

/** Each problem as `rule line:column pointer`. */
const told = (text: string): string[] =>
  readPolicyText(text, "policy.yaml").problems.map(({ rule, position, pointer }) =>
    `${rule} ${position?.line}:${position?.column} ${pointer}`.trim(),
  );

describe("readPolicyText refuses, with the position,", () => {
  it.each<[what: string, text: string, problems: string[]]>([
    ["a duplicate key", "a: 1\nb:\n  c: 1\n  c: 2\n", ["duplicate-key 4:3 /b/c"]],
    ["a duplicate key whose second spelling is quoted", "a: 1\n'a': 2\n", ["duplicate-key 2:1 /a"]],
    ["a duplicate key of JSON", '{\n  "a": 1,\n  "a": 2\n}', ["duplicate-key 3:3 /a"]],
    ["a duplicate key of JSON spelled with an escape", '{"a": 1, "\\u0061": 2}', ["duplicate-key 1:10 /a"]],
    ["a duplicate map once, not again for what is in it", "a: {x: 1}\na: {x: 2}\n", ["duplicate-key 2:1 /a"]],
    ["__proto__", "a:\n  __proto__: { b: 1 }\n", ["forbidden-key 2:3 /a/__proto__"]],
    ["__proto__ in JSON", '{"a": 1,\n "__proto__": {}}', ["forbidden-key 2:2 /__proto__"]],
    ["constructor and prototype", "constructor: 1\nprototype: 1\n", ["forbidden-key 1:1 /constructor", "forbidden-key 2:1 /prototype"]],
    ["a merge key", "a: 1\n<<: { b: 1 }\n", ["forbidden-key 2:1 /<<"]],
    ["an anchor", "a: &x 1\n", ["anchor 1:4 /a"]],
    ["an anchor that stands a line before its value", "a: &x\n  b: 1\n", ["anchor 1:4 /a"]],
    ["an anchor on a key", "&x a: 1\n", ["anchor 1:1 /a"]],
    ["an alias", "a: &x 1\nb: [2, *x]\n", ["anchor 1:4 /a", "alias 2:8 /b/1"]],
    ["an alias of nothing", "a: *x\n", ["alias 1:4 /a"]],
    ["a tag of one's own", "a: !secret 1\n", ["tag 1:4 /a"]],
    ["a standard tag", "a:\n  - !!binary aGk=\n", ["tag 2:6 /a/0"]],
    ["a tag on a key", "!x a: 1\n", ["tag 1:1 /a"]],
    ["YAML 1.1", "%YAML 1.1\n---\na: 1\n", ["directive 1:1"]],
    ["YAML 1.2 said aloud", "# first\n%YAML 1.2\n---\na: 1\n", ["directive 2:1"]],
    ["a tag handle", "%TAG ! tag:example.com,2026:\n---\na: 1\n", ["directive 1:1"]],
    ["a directive that no `---` follows", "%YAML 1.2\na: 1\n", ["directive 1:1", "syntax 2:1"]],
    ["a directive behind a byte order mark", "\uFEFF%YAML 1.1\n---\na: 1\n", ["directive 1:1"]],
    ["a second document", "a: 1\n---\nb: 2\n", ["second-document 2:1"]],
    ["a second document after an end mark", "a: 1\n...\nb: 2\n", ["second-document 3:1"]],
    ["a number as a key", "a:\n  1: b\n", ["key-not-text 2:3 /a"]],
    ["a boolean, a null and a list as keys", "true: a\n~: b\n? [c]\n: d\n", ["key-not-text 1:1", "key-not-text 2:1", "key-not-text 3:3"]],
    ["a number beyond the largest", "a: 1e400\n", ["inexact-number 1:4 /a"]],
    ["a number below the smallest", "a: 1e-400\n", ["inexact-number 1:4 /a"]],
    ["an integer that would be rounded", "a: 9007199254740993\n", ["inexact-number 1:4 /a"]],
    ["an integer that would be rounded, in JSON", '{"a": [1, 12345678901234567890]}', ["inexact-number 1:11 /a/1"]],
    ["a fraction that would be rounded", "a: 0.30000000000000000001\n", ["inexact-number 1:4 /a"]],
    ["a leading zero", "a: 012\n", ["inexact-number 1:4 /a"]],
    ["octal", "a: 0o14\n", ["inexact-number 1:4 /a"]],
    ["hexadecimal", "a: 0x1F\n", ["inexact-number 1:4 /a"]],
    ["not a number, and infinity", "a: .nan\nb: -.inf\n", ["inexact-number 1:4 /a", "inexact-number 2:4 /b"]],
    ["half a number", "a: .5\nb: 5.\nc: +5\n", ["inexact-number 1:4 /a", "inexact-number 2:4 /b", "inexact-number 3:4 /c"]],
    ["an invalid escape", 'a: "\\q"\n', ["syntax 1:5"]],
    ["an invalid escape in JSON", '{\r\n"a": "\\q"}', ["syntax 2:7"]],
    ["an open quote", 'a: "b\n', ["syntax 2:1"]],
    ["an open map", "a: {b: 1\n", ["syntax 2:1"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["syntax 2:1"]],
    ["a percent sign at the start of a line", "a: b\n%c: d\n", ["syntax 2:1"]],
    ["nothing", "", ["empty 1:1"]],
    ["nothing but comments", "\n# a: 1\n", ["empty 1:1"]],
    ["what stands after CRLF line ends", "a: 1\r\nb: 2\r\nc: &x 3\r\n", ["anchor 3:4 /c"]],
    ["what stands on the line of a byte order mark", "\uFEFFa: &x 1\n", ["anchor 1:4 /a"]],
  ])("%s", (_what, text, problems) => {
    expect(told(text)).toEqual(problems);
  });

  it("33 levels of nesting, once and where they begin", () => {
    const lists = "[".repeat(100) + "]".repeat(100);
    expect(told(lists)).toEqual([`too-deep 1:34 ${"/0".repeat(33)}`]);
    expect(told("[".repeat(33) + "]".repeat(33))).toEqual([]);
  });

  it.each([
    ["lists", "[".repeat(20_000)],
    ["closed lists", "[".repeat(20_000) + "]".repeat(20_000)],
    ["maps", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`],
    ["block lists", "- ".repeat(20_000)],
    ["keys", "? ".repeat(20_000)],
  ])("%s so deep that a parser which recurses would break, in the same words", (_what, text) => {
    const { value, problems } = readPolicyText(text, "policy.yaml");
    expect(value).toBeUndefined();
    expect(problems).toEqual([
      {
        severity: "error",
        rule: "too-deep",
        pointer: "",
        message: "nested deeper than 32 levels",
        cure: "Flatten the document.",
        position: { file: "policy.yaml", line: 1, column: expect.any(Number) },
      },
    ]);
  });

  it("nothing else of one text of 30 MB, and says what it is", () => {
    const { problems } = parsePolicy([{ text: "a".repeat(30_000_000), file: "policy.yaml" }], { today: TODAY });
    expect(problems).toEqual([expect.objectContaining({ rule: "wrong-type", pointer: "", found: "a text of 30000000 characters" })]);
  });

  it("a text above 32 MiB, before it is parsed", () => {
    const { value, problems } = readPolicyText(`a: 1\n${"#".repeat(32 * 1024 * 1024)}`, "huge.yaml");
    expect(value).toBeUndefined();
    expect(problems).toEqual([
      {
        severity: "error",
        rule: "too-large",
        pointer: "",
        message: "the text is larger than 33554432 bytes",
        cure: "Split the door, or remove what is not needed.",
        position: { file: "huge.yaml", line: 1, column: 1 },
      },
    ]);
  });
});

describe("readPolicyText reads", () => {
  it.each<[what: string, text: string, value: unknown]>([
    ["YAML", "a: { b: [1, two, true, null] }\n", { a: { b: [1, "two", true, null] } }],
    ["JSON", '{"a": {"b": [1, "two", true, null]}}', { a: { b: [1, "two", true, null] } }],
    ["a document start and end", "---\na: 1\n...\n", { a: 1 }],
    [
      "YAML 1.1's booleans, dates and sexagesimals as text",
      "a: yes\nb: 2026-01-01\nc: 12:30:45\n",
      { a: "yes", b: "2026-01-01", c: "12:30:45" },
    ],
    ["plain numbers", "a: [0, -7, 0.1, 2.50, 1e3, 9007199254740991]\n", { a: [0, -7, 0.1, 2.5, 1000, 9007199254740991] }],
    ["digits in quotes as text", `a: ["012", "0x1F", '222222222222']\n`, { a: ["012", "0x1F", "222222222222"] }],
    ["a percent sign inside a text", "a: |\n  %YAML 1.1\n", { a: "%YAML 1.1\n" }],
    ["CRLF line ends", "a: 1\r\nb:\r\n  - c\r\n", { a: 1, b: ["c"] }],
    ["a byte order mark", "\uFEFFa: 1\n", { a: 1 }],
    ["names of Object.prototype as plain keys", "toString: 1\nvalueOf: 2\n", { toString: 1, valueOf: 2 }],
  ])("%s", (_what, text, value) => {
    expect(readPolicyText(text, "policy.yaml")).toMatchObject({ problems: [] });
    expect(readPolicyText(text, "policy.yaml").value).toEqual(value);
  });

  it("and leaves no refused key in the value", () => {
    const { value } = readPolicyText('{"a": {"__proto__": {"polluted": true}, "constructor": 1, "b": 2}}', "policy.json");
    expect(value).toEqual({ a: { b: 2 } });
    expect((value as { a: { polluted?: boolean } }).a.polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("positionOf", () => {
  const { positionOf } = readPolicyText("a:\n  b/c:\n    - x\n    - y: 1\n", "policy.yaml");

  it.each([
    ["/a", 1, 1],
    ["/a/b~1c", 2, 3],
    ["/a/b~1c/0", 3, 7],
    ["/a/b~1c/1/y", 4, 7],
    ["/a/b~1c/1/missing/deeper", 4, 7],
    ["/nowhere", 1, 1],
    ["", 1, 1],
  ])("finds %s at %i:%i", (pointer, line, column) => {
    expect(positionOf(pointer)).toEqual({ file: "policy.yaml", line, column });
  });

  it("finds places in JSON", () => {
    const json = readPolicyText('{\n  "routes": {\n    "stripe": { "owner": "a" }\n  }\n}\n', "policy.json");
    expect(json.positionOf("/routes/stripe")).toEqual({ file: "policy.json", line: 3, column: 5 });
    expect(json.positionOf("/routes/stripe/owner")).toEqual({ file: "policy.json", line: 3, column: 17 });
  });
});

describe("a {name} in a flow list", () => {
  const text = [
    "version: 1",
    "name: door",
    "environment: prod",
    "callers: { app: { kind: iam-role, account: '222222222222', roleName: app } }",
    "routes: { vendor: { ownr: team, target: 'https://api.vendor.example' } }",
    "grants:",
    "  vendor-read:",
    "    caller: app",
    "    route: vendor",
    "    requests: [GET /items, PUT /items/{id}, GET /users/{user}/keys]",
    "    effect: maybe",
  ].join("\n");
  const { document, problems } = parsePolicy([{ text, file: "policy.yaml" }], { today: TODAY });

  it("is told with its position and a cure that shows the line to write", () => {
    expect(problems.filter(({ rule }) => rule === "braces-in-flow")).toEqual([
      {
        severity: "error",
        rule: "braces-in-flow",
        pointer: "",
        message: "a `{name}` stands unquoted inside a flow list",
        cure: "Braces in a [flow, list] start a map. Write the list as block lines (`- PUT /items/{id}`), or put the pattern in quotes.",
        position: { file: "policy.yaml", line: 10, column: 39 },
      },
    ]);
  });

  it("does not hide the other problems of the document, and has no echo of its own", () => {
    expect(document).toBeUndefined();
    expect(problems.map(({ rule, position }) => `${rule} ${position?.line}`).sort()).toEqual([
      "bad-value 11",
      "braces-in-flow 10",
      "missing-field 5",
      "unknown-field 5",
    ]);
  });
});

describe("a refused node", () => {
  it("does not hide other problems on the same line, as in JSON of one line", () => {
    const text = '{"version": 1, "name": "door", "nme": 1, "environment": !x "prod", "callers": {}, "routes": {}, "grants": *g}';
    const { document, problems } = parsePolicy([{ text, file: "policy.json" }], { today: TODAY });
    expect(document).toBeUndefined();
    expect(problems.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(["unknown-field /nme", "tag /environment", "alias /grants"]);
  });

  it("never shows a credential that a syntax error quotes", () => {
    const { problems } = readPolicyText("a: |sk_live_4eC39HqLyjWDarjtT1zdp7dc\n  x\n", "policy.yaml");
    expect(problems[0]?.rule).toBe("syntax");
    expect(JSON.stringify(problems)).not.toContain("4eC39");
    expect(JSON.stringify(problems)).toContain("[redacted]");
  });
});
