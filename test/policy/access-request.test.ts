import { describe, expect, it } from "vitest";
import { accessRequest } from "../../lib/policy/access-request.js";

const subject = { caller: "app", route: "vendor" };

describe("accessRequest", () => {
  it("reads what a person writes", () => {
    const { hasHeader, ...request } = accessRequest({
      ...subject,
      request: "POST /v1/%7Echarges/?limit=1",
      from: "::ffff:10.1.2.3",
      country: "IE",
      headers: ["idempotency-key"],
      risk: 7,
    });
    expect(request).toEqual({
      ...subject,
      method: "POST",
      segments: ["v1", "~charges", ""],
      source: { family: 4, value: 0x0a010203n },
      country: "IE",
      risk: 7,
    });
    expect(hasHeader("idempotency-key")).toBe(true);
    expect(hasHeader("toString")).toBe(false);
  });

  it("leaves unknown what is not said", () => {
    expect(accessRequest({ ...subject, request: "GET /" })).toMatchObject({
      source: undefined,
      country: undefined,
      risk: undefined,
      segments: [""],
    });
  });

  it.each([
    "GET",
    "GET v1",
    "get /v1",
    "GET /v1 HTTP/1.1",
    "GET /a/../b",
    "GET /a%2fb",
    "GET /a;b",
    "GET /a\\b",
    "GET /%zz",
    "GET https://a.example/",
    "",
  ])("refuses %j as a request", (request) => {
    expect(() => accessRequest({ ...subject, request })).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        details: { request },
        message: expect.stringContaining(`\`${request}\` is not \`METHOD /path\` in an unambiguous form`),
      }),
    );
  });

  it.each(["10.1", "010.0.0.1", "0x0a.1.2.3", "10.0.0.0/8", "fe80::1%eth0", "", "localhost"])("refuses %j as an address", (from) => {
    expect(() => accessRequest({ ...subject, request: "GET /", from })).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        details: { from },
        message: expect.stringContaining(`\`${from}\` is not an IPv4 or IPv6 address`),
      }),
    );
  });
});
