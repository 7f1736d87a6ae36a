import { describe, expect, it } from "vitest";
import type { HeaderList, SignableMessage } from "../../../lib/signing/message.js";
import { type ComponentIdentifier, componentNamed } from "../../../lib/signing/rfc9421/component.js";
import { KNOWN_FIELD_TYPES } from "../../../lib/signing/rfc9421/field-value.js";
import type { Signable } from "../../../lib/signing/rfc9421/message.js";
import { signatureBase } from "../../../lib/signing/rfc9421/signature-base.js";

const REQUEST: SignableMessage = { method: "GET", authority: "a.example", target: "/a?b=c", headers: [], body: new Uint8Array() };
const REFUSED = { denied: "PROOF_MALFORMED", details: { expected: "a message that has it, in one reading" } };

/** The component's value, or the refusal. */
function baseValue(identifier: ComponentIdentifier, message: Signable) {
  const component = componentNamed(identifier)!;
  const base = signatureBase(message, [component], "()", { scheme: "https", fieldTypes: KNOWN_FIELD_TYPES });
  return typeof base === "string" ? base.slice(component.text.length + 2, base.lastIndexOf("\n")) : base;
}
const ofRequest = (identifier: ComponentIdentifier, change: Partial<SignableMessage>) => baseValue(identifier, { ...REQUEST, ...change });
const ofField = (identifier: ComponentIdentifier, headers: HeaderList) => ofRequest(identifier, { headers });

describe("a derived component", () => {
  it.each<[what: string, identifier: ComponentIdentifier, change: Partial<SignableMessage>, value: string]>([
    ["keeps the method's case", "@method", { method: "purge" }, "purge"],
    ["has a lower-case authority", "@authority", { authority: "A.Example" }, "a.example"],
    ["has no default port", "@authority", { authority: "a.example:443" }, "a.example"],
    ["keeps another port", "@authority", { authority: "a.example:4430" }, "a.example:4430"],
    ["keeps the other scheme's port", "@authority", { authority: "a.example:80" }, "a.example:80"],
    ["keeps an IPv6 address", "@authority", { authority: "[2001:DB8::443]" }, "[2001:db8::443]"],
    ["keeps escapes in the path", "@path", { target: "/%7e%2F" }, "/%7e%2F"],
    ["keeps dot segments", "@path", { target: "/a/../b" }, "/a/../b"],
    ["has a query from the first question mark on", "@query", { target: "/?a?b" }, "?a?b"],
    ["has a query of one question mark when there is none", "@query", { target: "/" }, "?"],
    ["has the whole URL", "@target-uri", { target: "/a?b" }, "https://a.example/a?b"],
    ["has an asterisk as its target", "@request-target", { target: "*" }, "*"],
    ["encodes a parameter anew", ["@query-param", { name: "q" }], { target: "/?q=a+b%2b%7e!'()*" }, "a%20b%2B%7E%21%27%28%29*"],
    ["finds a parameter by its encoded name", ["@query-param", { name: "a%20b" }], { target: "/?a+b=1" }, "1"],
    ["gives a parameter without a value an empty one", ["@query-param", { name: "q" }], { target: "/?q" }, ""],
  ])("%s", (_, identifier, change, value) => {
    expect(ofRequest(identifier, change)).toBe(value);
  });

  it.each<[what: string, identifier: ComponentIdentifier, change: Partial<SignableMessage>]>([
    ["a method with a line break", "@method", { method: "GET\n" }],
    ["an empty method", "@method", { method: "" }],
    ["an empty authority", "@authority", { authority: "" }],
    ["a space in the authority", "@authority", { authority: "a b" }],
    ["a line break in the target", "@request-target", { target: "/\n" }],
    ["the path of a target in absolute form", "@path", { target: "https://b.example/" }],
    ["the query of an asterisk", "@query", { target: "*" }],
    ["the URL of a target with a fragment", "@target-uri", { target: "/#a" }],
    ["a parameter that is not there", ["@query-param", { name: "q" }], { target: "/?p=1" }],
    ["a parameter that is there twice", ["@query-param", { name: "q" }], { target: "/?q=1&q=2" }],
    ["a parameter that is there twice, once encoded", ["@query-param", { name: "q" }], { target: "/?q=1&%71=2" }],
    ["a parameter that is not UTF-8", ["@query-param", { name: "q" }], { target: "/?q=%FF" }],
    ["a parameter beside a name with a broken escape", ["@query-param", { name: "q" }], { target: "/?q=1&%zz=2" }],
    ["a status of a request", "@status", {}],
    ["a request of a request", ["@method", { req: true }], {}],
  ])("is refused: %s", (_, identifier, change) => {
    expect(ofRequest(identifier, change)).toMatchObject(REFUSED);
  });

  it.each(["@method", "@authority", "@target-uri", "@path"])("%s of a response is refused, and is the request's with req", (name) => {
    const response = { status: 200, headers: [], body: new Uint8Array(), request: REQUEST };
    expect(baseValue(name, response)).toMatchObject(REFUSED);
    expect(baseValue([name, { req: true }], response)).toBe(ofRequest(name, {}));
  });

  it.each([99, 600, 200.5, Number.NaN])("@status is no %d", (status) => {
    expect(baseValue("@status", { status, headers: [], body: new Uint8Array() })).toMatchObject(REFUSED);
  });
});

describe("a field", () => {
  it.each<[what: string, identifier: ComponentIdentifier, headers: HeaderList, value: string]>([
    [
      "joins lines in wire order",
      "x-a",
      [
        ["X-A", "1"],
        ["x-b", "2"],
        ["x-a", " 3\t"],
      ],
      "1, 3",
    ],
    [
      "keeps empty lines",
      "x-a",
      [
        ["X-A", ""],
        ["X-A", ""],
      ],
      ", ",
    ],
    ["makes a fold one space", "x-a", [["X-A", "a \r\n\t b\n c"]], "a b c"],
    ["keeps white space inside", "x-a", [["X-A", "a  \t b"]], "a  \t b"],
    [
      "takes the bytes of each line with bs",
      ["x-a", { bs: true }],
      [
        ["X-A", "\xe4 "],
        ["X-A", ""],
      ],
      ":5A==:, ::",
    ],
    ["is written strictly with sf", ["priority", { sf: true }], [["Priority", "u=1 ,  i;a=01, u=2"]], "u=2, i;a=1"],
    ["gives one member with key", ["priority", { key: "i" }], [["Priority", "u=1,i"]], "?1"],
    ["gives a list with key", ["priority", { key: "u" }], [["Priority", "u=( 1  2 );x"]], "(1 2);x"],
    ["is written as an item", ["client-cert", { sf: true }], [["Client-Cert", " :AA==:; a"]], ":AA==:;a"],
    [
      "is written as a list",
      ["cache-status", { sf: true }],
      [
        ["Cache-Status", "a;hit"],
        ["Cache-Status", "b"],
      ],
      "a;hit, b",
    ],
    ["keeps a token that looks like a decimal", ["cache-status", { sf: true }], [["Cache-Status", "v-1.0;d=1.5"]], "v-1.0;d=1.5"],
    ["keeps a string that looks like a decimal", ["client-cert", { sf: true }], [["Client-Cert", '"1.0 \\" 2.0"']], '"1.0 \\" 2.0"'],
  ])("%s", (_, identifier, headers, value) => {
    expect(ofField(identifier, headers)).toBe(value);
  });

  it.each<[what: string, identifier: ComponentIdentifier, headers: HeaderList]>([
    ["an absent one", "x-a", []],
    [
      "one with a similar name",
      "x-a",
      [
        ["X-AB", ""],
        ["x_a", ""],
        ["\u212a-a", ""],
      ],
    ],
    ["a line break that is no fold", "x-a", [["X-A", "a\nX-B: b"]]],
    ["a carriage return", "x-a", [["X-A", "a\rb"]]],
    ["a NUL", "x-a", [["X-A", "\0"]]],
    ["a character outside ASCII", "x-a", [["X-A", "\xe4"]]],
    ["a no-break space at its end", "x-a", [["X-A", "a\xa0"]]],
    ["a character that is no byte, with bs", ["x-a", { bs: true }], [["X-A", "\u0141"]]],
    ["a member that is not there", ["priority", { key: "x" }], [["Priority", "u=1"]]],
    ["a member that only Object.prototype has", ["priority", { key: "constructor" }], [["Priority", "u=1"]]],
    ["what is no dictionary", ["priority", { sf: true }], [["Priority", "u=("]]],
    ["a decimal that would lose its fraction", ["priority", { sf: true }], [["Priority", "u=1.0"]]],
    ["the same in one member", ["priority", { key: "u" }], [["Priority", "u=(1 -2.00)"]]],
    ["a date that would become none", ["client-cert", { sf: true }], [["Client-Cert", "@999999999999999"]]],
  ])("is refused: %s", (_, identifier, headers) => {
    expect(ofField(identifier, headers)).toMatchObject(REFUSED);
  });

  it("says which component it was", () => {
    expect(ofField(["priority", { key: "x" }], [])).toMatchObject({ details: { part: '"priority";key="x"' } });
  });
});
