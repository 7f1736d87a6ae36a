/** What never gets past parsing and routing, and what a caller is told about it. */
import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../lib/errors.js";
import { OWN_AUTHORITY, type TestRequest, testDoor } from "../fakes/door.js";

const many = (count: number): [string, string][] => Array.from({ length: count }, (_, index) => [`x-${index}`, "v"]);
const headers = (...list: [string, string][]): TestRequest => ({ headers: list });

// biome-ignore format: one row a request
const REFUSED: readonly (readonly [title: string, request: TestRequest, code: ErrorCode])[] = [
  ["a method in lower case", { method: "get" }, "REQUEST_MALFORMED"],
  ["a method with a line break", { method: "GET\n" }, "REQUEST_MALFORMED"],
  ["CONNECT", { method: "CONNECT" }, "REQUEST_MALFORMED"],
  ["TRACE, which echoes the credential", { method: "TRACE" }, "REQUEST_MALFORMED"],
  ["TRACK", { method: "TRACK" }, "REQUEST_MALFORMED"],
  ["a second Host", headers(["host", OWN_AUTHORITY]), "REQUEST_MALFORMED"],
  ["an empty Host", { host: "" }, "REQUEST_MALFORMED"],
  ["a Host with user information", { host: "api@127.0.0.1:8080" }, "REQUEST_MALFORMED"],
  ["a Host that imitates the header", headers(["ho_st", "x"], ["Host_", "x"], ["content_length", "1"]), "REQUEST_MALFORMED"],
  ["a header name with a space", headers(["host ", OWN_AUTHORITY]), "REQUEST_MALFORMED"],
  ["an empty header name", headers(["", "v"]), "REQUEST_MALFORMED"],
  ["a header value with CR LF", headers(["x-a", "b\r\nx-c: d"]), "REQUEST_MALFORMED"],
  ["a header value with NUL", headers(["x-a", "\0"]), "REQUEST_MALFORMED"],
  ["a header value outside ASCII", headers(["x-a", "é"]), "REQUEST_MALFORMED"],
  ["two Content-Lengths that agree", headers(["content-length", "1"], ["content-length", "1"]), "REQUEST_MALFORMED"],
  ["a list of Content-Lengths", headers(["content-length", "1, 1"]), "REQUEST_MALFORMED"],
  ["a signed Content-Length", headers(["content-length", "+1"]), "REQUEST_MALFORMED"],
  ["Content-Length beside Transfer-Encoding", headers(["content-length", "1"], ["transfer-encoding", "chunked"]), "REQUEST_MALFORMED"],
  ["a transfer coding other than chunked", headers(["transfer-encoding", "gzip, chunked"]), "REQUEST_MALFORMED"],
  ["two Transfer-Encodings", headers(["transfer-encoding", "chunked"], ["transfer-encoding", "chunked"]), "REQUEST_MALFORMED"],
  ["an imitated Transfer-Encoding", headers(["transfer_encoding", "chunked"]), "REQUEST_MALFORMED"],
  ["two Content-Types", headers(["content-type", "text/plain"], ["content-type", "text/html"]), "REQUEST_MALFORMED"],
  ["an upgrade", headers(["upgrade", "websocket"], ["connection", "upgrade"]), "UPGRADE_REFUSED"],
  ["an absolute-form target", { target: "http://api.example.com/api/v1/charges" }, "REQUEST_MALFORMED"],
  ["an asterisk target", { target: "*", method: "OPTIONS" }, "REQUEST_MALFORMED"],
  ["a dot segment", { target: "/api/v1/../v2" }, "TARGET_AMBIGUOUS"],
  ["an encoded dot segment", { target: "/api/v1/%2e%2E/v2" }, "TARGET_AMBIGUOUS"],
  ["an encoded slash", { target: "/api/v1%2fcharges" }, "TARGET_AMBIGUOUS"],
  ["a backslash", { target: "/api/v1\\charges" }, "TARGET_AMBIGUOUS"],
  ["a path parameter", { target: "/api/v1;x=1/charges" }, "TARGET_AMBIGUOUS"],
  ["double encoding", { target: "/api/%252e%252e/v2" }, "TARGET_AMBIGUOUS"],
  ["overlong UTF-8", { target: "/api/%c0%ae/v2" }, "TARGET_AMBIGUOUS"],
  ["a NUL in the path", { target: "/api/v1%00" }, "TARGET_AMBIGUOUS"],
  ["a fragment", { target: "/api/v1#x" }, "TARGET_AMBIGUOUS"],
  ["a line break in the query", { target: "/api/v1?a=%0d%0ab" }, "TARGET_AMBIGUOUS"],
  ["another Host", { host: "evil.example" }, "HOST_UNKNOWN"],
  ["the own name on another port", { host: "127.0.0.1:8081" }, "HOST_UNKNOWN"],
  ["101 headers", { headers: many(100) }, "HEADERS_TOO_LARGE"],
  ["headers of more than 16 KiB", headers(["x-a", "a".repeat(16_384)]), "HEADERS_TOO_LARGE"],
  ["a target of more than 8 KiB", { target: `/api/${"a".repeat(8192)}` }, "HEADERS_TOO_LARGE"],
  ["a declared body above 10 MiB", { method: "POST", body: "x", declaredBytes: 10 * 1024 * 1024 + 1 }, "BODY_TOO_LARGE"],
];

describe("a request that is not one request in one reading", () => {
  it.each(REFUSED)("refuses %s", async (_, request, code) => {
    const { ask, audit, upstream, secrets, commits } = testDoor();
    const answer = await ask(request);
    expect(answer).toMatchObject({ status: ERROR_CODES[code].status, code });
    expect(audit.events).toMatchObject([{ kind: "denial", decision: "deny", reason: code, status: ERROR_CODES[code].status }]);
    expect([upstream.sent, secrets.reads, commits.commits]).toEqual([[], [], []]);
  });

  it("says what was wrong in the audit, and nothing of it to the caller", async () => {
    const { ask, audit } = testDoor();
    const { body } = await ask({ target: "/api/v1/../v2" });
    expect(audit.events[0]?.details).toEqual({ what: "a dot segment", in: "path", at: 7 });
    expect(JSON.parse(body)).toEqual({
      type: "urn:sallyport:error:target_ambiguous",
      title: ERROR_CODES.TARGET_AMBIGUOUS.title,
      status: 400,
      requestId: audit.events[0]?.requestId,
    });
  });
});

describe("bounds", () => {
  it("takes 100 headers, which is the limit, and Host is one of them", async () => {
    const { ask } = testDoor();
    expect(await ask({ headers: many(98) })).toMatchObject({ status: 200 });
    expect(await ask({ headers: many(99) })).toMatchObject({ status: 431 });
  });

  it("takes a body of exactly the route's limit and refuses one byte more", async () => {
    const limited = { owner: "team-test", target: "https://api.example.com", limits: { maxBodyBytes: 5 } };
    const { ask, audit } = testDoor({ policy: { routes: { api: limited } } });
    expect(await ask({ method: "POST", body: "12345" })).toMatchObject({ status: 200 });
    expect(await ask({ method: "POST", body: "123456" })).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(audit.events.at(-1)?.details).toEqual({ maxBodyBytes: 5, bytes: 6 });
  });

  it("answers 503 with Retry-After past the calls that may be under way, and recovers when one ends", async () => {
    const { ask, upstream, metrics } = testDoor({ limits: { maxConcurrentCalls: 1 } });
    let finish = (): void => {};
    upstream.respond = () =>
      new Promise((resolve) => {
        finish = () => resolve({ body: "late" });
      });
    const first = ask();
    await expect.poll(() => upstream.sent.length).toBe(1);
    const second = await ask();
    expect(second).toMatchObject({ status: 503, code: "OVERLOADED" });
    expect(second.headers).toContainEqual(["retry-after", "1"]);
    expect(metrics.total("sallyport_overloads_total")).toBe(1);
    finish();
    expect(await first).toMatchObject({ status: 200, body: "late" });
    upstream.respond = () => ({ body: "again" });
    expect(await ask()).toMatchObject({ status: 200 });
  });
});

describe("routes", () => {
  const policy = {
    routes: {
      api: { owner: "team-test", target: "https://api.example.com/base", hosts: ["api.internal"] },
      other: { owner: "team-test", target: "https://other.example.com" },
    },
    grants: {
      "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**", "GET /"] },
      "other-batch": { caller: "batch", route: "other", requests: ["GET /**"] },
    },
  };

  // biome-ignore format: one row a request
  const ROUTED: readonly (readonly [title: string, request: TestRequest, target: string | undefined])[] = [
    ["by the first segment", { target: "/api/v1/charges?a=1&b" }, "/base/v1/charges?a=1&b"],
    ["by the first segment alone", { target: "/api" }, "/base/"],
    ["by its Host", { host: "API.internal", target: "/v1/charges" }, "/base/v1/charges"],
    ["by its Host on any port", { host: "api.internal:9999", target: "/v1/charges" }, "/base/v1/charges"],
    ["by the entrance", { entranceRoute: "api", target: "/v1/charges" }, "/base/v1/charges"],
    ["not by a segment where the Host names it", { host: "api.internal", target: "/api/v1/charges" }, undefined],
    ["not by a name in other letters", { target: "/API/v1/charges" }, undefined],
    ["not by a name of the prototype", { target: "/constructor/v1/charges" }, undefined],
    ["not by an entrance of no route", { entranceRoute: "gone", target: "/v1/charges" }, undefined],
  ];

  it.each(ROUTED)("finds a route %s", async (_, request, target) => {
    const test = testDoor({ policy });
    test.resolver.set("other.example.com", ["93.184.215.14"]);
    const { status } = await test.ask(request);
    expect([status, test.upstream.sent[0]?.target]).toEqual(target === undefined ? [403, undefined] : [200, target]);
  });

  it("lets the entrance's own route win over the Host's", async () => {
    const test = testDoor({ policy });
    test.resolver.set("other.example.com", ["93.184.215.14"]);
    await test.ask({ host: "api.internal", entranceRoute: "other", target: "/v1/charges" });
    expect(test.upstream.sent[0]?.destination.host).toBe("other.example.com");
  });
});
