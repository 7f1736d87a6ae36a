import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../lib/errors.js";
import { problemDocument } from "../../lib/http/problem.js";

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const answering = codes.filter((code) => ERROR_CODES[code].status > 0);

describe("problemDocument", () => {
  it("shows an authorized caller the code, its title and its status", () => {
    const problem = problemDocument("UPSTREAM_TIMEOUT", "r-1", true);
    expect(problem.status).toBe(504);
    expect(problem.headers).toEqual([
      ["content-type", "application/problem+json"],
      ["cache-control", "no-store"],
    ]);
    expect(JSON.parse(problem.body)).toEqual({
      type: "urn:sallyport:error:upstream_timeout",
      title: "the upstream did not answer in time",
      status: 504,
      requestId: "r-1",
    });
  });

  it.each(answering)("answers %s with its own status once the caller is authorized", (code) => {
    const problem = problemDocument(code, "r-1", true);
    expect(problem.status).toBe(ERROR_CODES[code].status);
    expect(JSON.parse(problem.body)).toMatchObject({ type: `urn:sallyport:error:${code.toLowerCase()}`, status: problem.status });
  });

  it.each(codes.filter((code) => !ERROR_CODES[code].open))("shows %s as DENIED, to the byte, until the caller is authorized", (code) => {
    expect(problemDocument(code, "r-1", false)).toEqual({
      status: 403,
      headers: [
        ["content-type", "application/problem+json"],
        ["cache-control", "no-store"],
      ],
      body: '{"type":"urn:sallyport:error:denied","title":"denied","status":403,"requestId":"r-1"}',
    });
  });

  it.each(["REQUEST_MALFORMED", "TARGET_AMBIGUOUS", "BODY_TOO_LARGE", "HEADERS_TOO_LARGE", "OVERLOADED"] as const)(
    "shows %s to anyone",
    (code) => {
      expect(problemDocument(code, "r-1", false)).toEqual(problemDocument(code, "r-1", true));
      expect(problemDocument(code, "r-1", false).status).toBe(ERROR_CODES[code].status);
    },
  );

  it.each(answering)("has Retry-After on %s exactly when it is a 503", (code) => {
    const retryAfter = problemDocument(code, "r-1", true).headers.filter(([name]) => name === "retry-after");
    expect(retryAfter).toEqual(ERROR_CODES[code].status === 503 ? [["retry-after", "1"]] : []);
  });

  it.each(codes.filter((code) => ERROR_CODES[code].status === 0))("answers %s, which belongs to no request, as a fault", (code) => {
    expect(problemDocument(code, "r-1", true)).toEqual(problemDocument("INTERNAL", "r-1", true));
    expect(problemDocument(code, "r-1", false)).toEqual(problemDocument("DENIED", "r-1", false));
  });

  it("differs between two denials in the request id alone", () => {
    const first = problemDocument("ROUTE_UNKNOWN", "11111111", false);
    const second = problemDocument("SECRET_UNAVAILABLE", "22222222", false);
    expect(first.body.replace("11111111", "22222222")).toBe(second.body);
    expect([first.status, first.headers]).toEqual([second.status, second.headers]);
  });
});
