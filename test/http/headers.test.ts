import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DUPLICATE,
  equivalentName,
  forwardableHeaders,
  type HeaderList,
  headerList,
  headerValues,
  isHeaderName,
  isHeaderValue,
  returnableHeaders,
  singleHeader,
} from "../../lib/http/headers.js";

const none: ReadonlySet<string> = new Set();
const named = (...names: string[]): HeaderList => names.map((name) => [name, "value"]);
const namesOf = (list: HeaderList) => list.map(([name]) => name);

describe("headerList", () => {
  it("keeps order, spelling and duplicates of rawHeaders", () => {
    expect(headerList(["Host", "a", "X-b", "1", "x-B", "2"])).toEqual([
      ["Host", "a"],
      ["X-b", "1"],
      ["x-B", "2"],
    ]);
    expect(headerList([])).toEqual([]);
  });
});

describe("headerValues and singleHeader", () => {
  const list = headerList(["X-Nonce", "a", "x-signature", "s", "X-NONCE", "b", "X_Signature", "forged"]);

  it("find a header in any letter case and leave other spellings alone", () => {
    expect(headerValues(list, "x-nonce")).toEqual(["a", "b"]);
    expect(headerValues(list, "x-signature")).toEqual(["s"]);
    expect(singleHeader(list, "x-signature")).toBe("s");
  });

  it("tell absent, empty and duplicate apart", () => {
    expect(singleHeader(list, "x-key-id")).toBeUndefined();
    expect(singleHeader([["X-Key-Id", ""]], "x-key-id")).toBe("");
    expect(singleHeader(list, "x-nonce")).toBe(DUPLICATE);
    expect(singleHeader([["a", "duplicate header"]], "a")).not.toBe(DUPLICATE);
  });
});

describe("equivalentName", () => {
  it.each(["x-api-key", "X-API-Key", "X_API_Key", "x_api-key", "x-api-key ", "\tX-Api-Key", "x.api.key"])(
    "takes %j for x-api-key",
    (name) => {
      expect(equivalentName(name)).toBe("x-api-key");
    },
  );

  it("keeps different headers apart", () => {
    expect(new Set(["x-api-key", "xapikey", "x-api-key2", "x-api--key"].map(equivalentName)).size).toBe(4);
  });
});

describe("isHeaderName", () => {
  // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
  it("accepts exactly the token characters", () => {
    const accepted = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
      .filter(isHeaderName)
      .join("");
    expect(accepted).toBe("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  });

  it.each(["", "x y", "x:", "x\r\n", " x", "x\u0000", "\u212a"])("refuses %j", (name) => {
    expect(isHeaderName(name)).toBe(false);
  });
});

describe("isHeaderValue", () => {
  it("accepts tab, space and visible ASCII, nothing else", () => {
    const accepted = Array.from({ length: 256 }, (_, code) => code).filter((code) => isHeaderValue(`a${String.fromCharCode(code)}b`));
    expect(accepted).toEqual([9, ...Array.from({ length: 95 }, (_, index) => 32 + index)]);
  });

  it.each(["a\r\nX-Injected: 1", "a\n", "a\u0000", "é", "€"])("refuses %j", (value) => {
    expect(isHeaderValue(value)).toBe(false);
  });

  it("accepts an empty value", () => {
    expect(isHeaderValue("")).toBe(true);
  });
});

describe("forwardableHeaders", () => {
  it("passes what belongs to the call, in order and verbatim", () => {
    const list = headerList([
      "Accept",
      "*/*",
      "X-Custom_1",
      " a ",
      "Content-Length",
      "3",
      "Set-Cookie",
      "a",
      "set-cookie",
      "b",
      "TEMP",
      "1",
    ]);
    expect(forwardableHeaders(list, none)).toEqual(list);
  });

  // https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
  it.each([
    ["hop by hop", ["Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings"]],
    ["a proxy's", ["Proxy-Authorization", "Proxy-Authenticate", "Proxy-Connection", "Proxy-Anything"]],
    ["destinations", ["Host", "X-Host", "X-Original-Host", "X-Forwarded-Host"]],
    ["overrides of the method", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]],
    ["overrides of the target", ["X-Original-URL", "X-Rewrite-URL"]],
    ["claims about the source", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Via", "X-Client-IP"]],
    ["more claims about the source", ["X-Cluster-Client-IP", "X-Forwarded", "X-Forwarded-Proto", "X-Forwarded-Anything"]],
    ["the door's own", ["Sallyport-Authorization", "Sallyport-Anything"]],
    ["expectations of the hop", ["Expect"]],
  ])("drops %s", (_, names) => {
    expect(namesOf(forwardableHeaders(named(...names), none))).toEqual([]);
  });

  it.each(["X_HTTP_Method_Override", "x_forwarded_for", "X-FORWARDED-FOR", "transfer_encoding", "Host ", "sallyport_authorization"])(
    "drops the spelling %j",
    (name) => {
      expect(forwardableHeaders(named(name, "Accept"), none)).toEqual([["Accept", "value"]]);
    },
  );

  it("drops every equivalent of what will be injected", () => {
    const list = named("x-api-key", "X-API-Key", "X_API_KEY", "x-api-key ", "x-api-keys");
    expect(namesOf(forwardableHeaders(list, new Set(["x-api-key"])))).toEqual(["x-api-keys"]);
  });

  it("drops what Connection names, wherever it stands and however it is spelt", () => {
    const list: HeaderList = [
      ["X_Debug", "1"],
      ["Accept", "*/*"],
      ["connection", "close, X-Debug ,authorization"],
      ["Authorization", "Bearer x"],
      ["CONNECTION", "x-other"],
      ["X-Other", "1"],
    ];
    expect(forwardableHeaders(list, none)).toEqual([["Accept", "*/*"]]);
  });

  it("drops no header for an empty Connection", () => {
    expect(
      forwardableHeaders(
        [
          ["Connection", " , "],
          ["Accept", "*/*"],
        ],
        none,
      ),
    ).toEqual([["Accept", "*/*"]]);
  });

  it("leaves nothing to drop the second time, and never adds or changes a header", () => {
    const name = fc.oneof(
      fc.constantFrom("Connection", "Host", "x_forwarded_for", "TE", "Accept", "X-Api-Key", "x-debug"),
      fc.stringMatching(/^[A-Za-z_-]{1,12}$/),
    );
    const header = fc.tuple(name, fc.constantFrom("x-debug", "accept, te", "1"));
    fc.assert(
      fc.property(fc.array(header), (list) => {
        const once = forwardableHeaders(list, new Set(["x-api-key"]));
        expect(forwardableHeaders(once, new Set(["x-api-key"]))).toEqual(once);
        expect(once).toEqual(list.filter((each) => once.includes(each)));
      }),
    );
  });
});

describe("returnableHeaders", () => {
  it("drops the hop's headers, those Connection names, and forged ones of the door", () => {
    const list = headerList([
      ...["Content-Type", "text/plain", "Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=5", "Transfer-Encoding", "chunked"],
      ...["Trailer", "X-Sum", "Upgrade", "h2c", "Proxy-Authenticate", "Basic", "Sallyport-Request-Id", "forged", "Via", "1.1 upstream"],
      ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Location", "/elsewhere", "Content-Length", "3"],
    ]);
    expect(namesOf(returnableHeaders(list))).toEqual(["Content-Type", "Via", "Set-Cookie", "Set-Cookie", "Location", "Content-Length"]);
  });
});
