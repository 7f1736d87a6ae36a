import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { type ParsedTarget, parseTarget, queryPairs, withoutQueryParameter } from "../../lib/http/target.js";

function parsed(raw: string): ParsedTarget {
  const target = parseTarget(raw);
  if (isDenial(target)) throw new Error(`${raw} was refused: ${JSON.stringify(target)}`);
  return target;
}

describe("parseTarget", () => {
  it.each<[string, string, string[], string | undefined]>([
    ["/", "/", [""], undefined],
    ["/a", "/a", ["a"], undefined],
    ["/a/", "/a/", ["a", ""], undefined],
    ["//a", "//a", ["", "a"], undefined],
    ["/a//b", "/a//b", ["a", "", "b"], undefined],
    ["/v1.2/file.tar.gz", "/v1.2/file.tar.gz", ["v1.2", "file.tar.gz"], undefined],
    ["/.well-known/a", "/.well-known/a", [".well-known", "a"], undefined],
    ["/...", "/...", ["..."], undefined],
    ["/a?", "/a", ["a"], ""],
    ["/a?x=1&y=%7e", "/a", ["a"], "x=1&y=%7e"],
    ["/a?b?c=/../d;e", "/a", ["a"], "b?c=/../d;e"],
    ["/a?url=https%253A%252F%252Fb", "/a", ["a"], "url=https%253A%252F%252Fb"],
    ["/users/@me:x,y+z=!$&'()*", "/users/@me:x,y+z=!$&'()*", ["users", "@me:x,y+z=!$&'()*"], undefined],
    ["/a|b[0]{c}", "/a|b[0]{c}", ["a|b[0]{c}"], undefined],
  ])("reads %s", (raw, path, segments, query) => {
    expect(parseTarget(raw)).toEqual({ raw, path, segments, query });
  });

  // https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
  it.each([
    ["/%61%62%63", "/abc"],
    ["/%7Euser/%41%5f%2d", "/~user/A_-"],
    ["/file%2ejson", "/file.json"],
    ["/a%20b%3a%3F", "/a%20b%3A%3F"],
    ["/caf%c3%a9", "/caf%C3%A9"],
    ["/100%25", "/100%25"],
    ["/100%25-off", "/100%25-off"],
    ["/%F0%9F%9A%AA", "/%F0%9F%9A%AA"],
  ])("makes %s canonical as %s", (raw, path) => {
    expect(parsed(raw).path).toBe(path);
  });

  it.each(["", "a", "*", "http://api.example/a", "HTTPS://api.example", "api.example:443", "?a", "\\a", "%2Fa", " /a"])(
    "refuses %j as not origin-form",
    (raw) => {
      expect(parseTarget(raw)).toEqual({ denied: "REQUEST_MALFORMED", details: { what: "a target that is not in origin-form" } });
    },
  );

  it.each([
    ["/a#b", "a fragment", "target", 2],
    ["/a?b#c", "a fragment", "target", 4],
    ["/a b", "a byte outside printable ASCII", "target", 2],
    ["/a\tb", "a byte outside printable ASCII", "target", 2],
    ["/a\u0000", "a byte outside printable ASCII", "target", 2],
    ["/a\u007f", "a byte outside printable ASCII", "target", 2],
    ["/caf\u00e9", "a byte outside printable ASCII", "target", 4],
    ["/a?b=\u00e9", "a byte outside printable ASCII", "target", 5],
    ["/a?b\r\nX: y", "a byte outside printable ASCII", "target", 4],
    ["/%", "a broken percent escape", "target", 1],
    ["/a%2", "a broken percent escape", "target", 2],
    ["/a%2/", "a broken percent escape", "target", 2],
    ["/%u002e%u002e/", "a broken percent escape", "target", 1],
    ["/a%%32%65", "a broken percent escape", "target", 2],
    ["/a?b=%zz", "a broken percent escape", "target", 5],
    ["/a%2Fb", "an encoded slash", "path", 2],
    ["/a%2fb", "an encoded slash", "path", 2],
    ["/..%2f", "an encoded slash", "path", 3],
    ["/a\\b", "a backslash", "path", 2],
    ["/a%5cb", "a backslash", "path", 2],
    ["/a;x=1", "a semicolon", "path", 2],
    ["/..;/a", "a semicolon", "path", 3],
    ["/a%3bx", "a semicolon", "path", 2],
    ["/a%00", "a control character", "path", 2],
    ["/a%0d%0aX:y", "a control character", "path", 2],
    ["/a%1F", "a control character", "path", 2],
    ["/a%7f", "a control character", "path", 2],
    ["/a%c2%80", "a control character", "path", 2],
    ["/a%C2%9f", "a control character", "path", 2],
    ["/%252e%252e", "double encoding", "path", 1],
    ["/%252fa", "double encoding", "path", 1],
    ["/%25%32%66", "double encoding", "path", 1],
    ["/%2525", "double encoding", "path", 1],
    ["/.", "a dot segment", "path", 0],
    ["/..", "a dot segment", "path", 0],
    ["/a/../b", "a dot segment", "path", 2],
    ["/a/./b", "a dot segment", "path", 2],
    ["/a/..?b", "a dot segment", "path", 2],
    ["/a/.?b", "a dot segment", "path", 2],
    ["/a//../b", "a dot segment", "path", 3],
    ["/a/%2e%2E/b", "a dot segment", "path", 2],
    ["/a/.%2e", "a dot segment", "path", 2],
    ["/%2e/", "a dot segment", "path", 0],
    ["/a?b=%00", "a NUL or line break", "query", 2],
    ["/a?b=1%0d%0aX", "a NUL or line break", "query", 3],
    ["/a?%0Ab", "a NUL or line break", "query", 0],
  ])("refuses %j: %s", (raw, what, part, at) => {
    expect(parseTarget(raw)).toEqual({ denied: "TARGET_AMBIGUOUS", details: { what, in: part, at } });
  });

  it.each([
    ["an overlong dot", "/%c0%ae%c0%ae"],
    ["an overlong slash", "/a%c0%af"],
    ["an overlong slash of three bytes", "/a%e0%80%af"],
    ["an overlong NUL", "/a%c0%80"],
    ["a lone continuation byte", "/%80"],
    ["a cut sequence", "/%e2%82"],
    ["a surrogate", "/%ed%a0%80"],
    ["a code point past the last", "/%f4%90%80%80"],
    ["Latin-1", "/caf%e9"],
  ])("refuses %s as not UTF-8", (_, raw) => {
    expect(parseTarget(raw)).toEqual({ denied: "TARGET_AMBIGUOUS", details: { what: "an escape that is not UTF-8", in: "path" } });
  });

  it("takes a target of 8,192 bytes and refuses one more", () => {
    const longest = "/".padEnd(8192, "a");
    expect(parsed(longest).path).toBe(longest);
    expect(parseTarget(`${longest}a`)).toEqual({ denied: "HEADERS_TOO_LARGE", details: { what: "target", bytes: 8193, maxBytes: 8192 } });
    expect(parseTarget("/abc", 3)).toEqual({ denied: "HEADERS_TOO_LARGE", details: { what: "target", bytes: 4, maxBytes: 3 } });
  });

  describe("over targets made of tricky pieces", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "a",
        "/",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%25",
        "%",
        "25",
        "2e",
        "%32",
        "%c0",
        "%ae",
        "%C2",
        "%80",
        "\\",
        ";",
        "?",
        "&",
        "=",
        "é",
      ),
      fc.nat(255).map((byte) => `%${byte.toString(16).padStart(2, "0")}`),
    );
    const target = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);

    const forEachAccepted = (check: (accepted: ParsedTarget) => void) => {
      let accepted = 0;
      fc.assert(
        fc.property(target, (raw) => {
          const result = parseTarget(raw);
          if (isDenial(result)) return;
          accepted++;
          check(result);
        }),
        { numRuns: 20_000 },
      );
      expect(accepted).toBeGreaterThan(500);
    };

    it("gives a canonical path that parses to itself", () => {
      forEachAccepted(({ path, segments }) => {
        expect(parseTarget(path)).toEqual({ raw: path, path, segments, query: undefined });
      });
    });

    it("gives segments that join to the path and means, once decoded, what was sent", () => {
      forEachAccepted(({ raw, path, segments, query }) => {
        expect(`/${segments.join("/")}`).toBe(path);
        expect(decodeURIComponent(path)).toBe(decodeURIComponent(raw.split("?", 1)[0]!));
        expect(raw.endsWith(query === undefined ? "" : `?${query}`)).toBe(true);
      });
    });

    it("lets no decoding, however often repeated, find another segment in the path", () => {
      forEachAccepted(({ path, segments }) => {
        let decoded = path;
        for (let round = 0; round < 3; round++) {
          decoded = decoded.replace(/%[0-9A-Fa-f]{2}/g, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
          const read = decoded.split(/[/\\]/).slice(1);
          expect(read).toHaveLength(segments.length);
          expect(read.filter((segment) => segment === "." || segment === "..")).toEqual([]);
          expect(decoded).not.toContain(";");
        }
      });
    });

    it("keeps the path that a URL parser reads", () => {
      forEachAccepted(({ path }) => {
        expect(new URL(`http://host${path}`).pathname).toBe(path);
      });
    });
  });
});

describe("queryPairs", () => {
  it.each<[string, [string, string][]]>([
    ["", []],
    [
      "a=1&b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=1&a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["a", [["a", ""]]],
    ["=b", [["", "b"]]],
    ["a=b=c", [["a", "b=c"]]],
    ["&&a=1&", [["a", "1"]]],
    ["%61%3D=%26", [["a=", "&"]]],
    ["a+b=c+d", [["a+b", "c+d"]]],
    ["caf%C3%A9=%E9", [["café", "\ufffd"]]],
  ])("reads %j", (query, pairs) => {
    expect(queryPairs(query)).toEqual(pairs);
  });

  it("undoes percent-encoding", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        expect(queryPairs(pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&"))).toEqual(pairs);
      }),
    );
  });
});

describe("withoutQueryParameter", () => {
  it.each([
    ["api_key=x", "api_key", ""],
    ["a=1&api_key=x&b=%7e", "api_key", "a=1&b=%7e"],
    ["api_key=x&a=1&api_key=y", "api_key", "a=1"],
    ["a=1&api_key", "api_key", "a=1"],
    ["a=1&API_Key=x", "api_key", "a=1"],
    ["a=1&%61pi%5Fkey=x", "api_key", "a=1"],
    ["a=1&api+key=x&api%20key=y", "api key", "a=1"],
    ["a=1&api%2Bkey=x", "api+key", "a=1"],
    ["a=1&api_key=x=y", "api_key", "a=1"],
    ["b=1&a=1;api_key=x", "api_key", "b=1"],
    ["api_keys=1&my_api_key=2&a=api_key", "api_key", "api_keys=1&my_api_key=2&a=api_key"],
    ["&a=1&&b;c=+%2f&", "api_key", "&a=1&&b;c=+%2f&"],
    ["%ff=1&api_key=x", "api_key", "%ff=1"],
    ["", "api_key", ""],
  ])("from %j without %s leaves %j", (query, name, rest) => {
    expect(withoutQueryParameter(query, name)).toBe(rest);
  });

  it("leaves no pair that a form parser reads under the name", () => {
    const piece = fc.constantFrom("k", "K", "%6b", "%4B", "e", "+", "%20", "=", "&", ";", "1");
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 15 }).map((pieces) => pieces.join("")),
        (query) => {
          const rest = withoutQueryParameter(query, "ke");
          expect([...new URLSearchParams(rest).keys()].map((key) => key.toLowerCase())).not.toContain("ke");
          expect([...new URLSearchParams(rest.replaceAll(";", "&")).keys()].map((key) => key.toLowerCase())).not.toContain("ke");
        },
      ),
      { numRuns: 5000 },
    );
  });
});
