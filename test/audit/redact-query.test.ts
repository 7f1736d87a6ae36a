import { describe, expect, it } from "vitest";
import { redactQuery } from "../../lib/audit/redact-query.js";
import { canary, expectNoCanary } from "../fakes/canary.js";

describe("redactQuery", () => {
  // biome-ignore format: a table
  it.each([
    ["a=1&b=2", "a=[redacted]&b=[redacted]"],
    ["a=1&a=2", "a=[redacted]&a=[redacted]"],
    ["a=", "a=[redacted]"],
    ["a=b=c", "a=[redacted]"],
    ["=x", "=[redacted]"],
    ["", "[redacted]"],
  ])("writes %j as %j", (query, redacted) => {
    expect(redactQuery(query)).toBe(redacted);
  });

  it("lets no value through, with or without a name", () => {
    const values = [canary("named"), canary("bare")];
    const [named, bare] = values.map(encodeURIComponent);
    expect(() => expectNoCanary("the query", `key=${named}&${bare}`, values)).toThrow("canary in the query");
    expectNoCanary("the redacted query", redactQuery(`key=${named}&${bare}&x=${named}`), values);
  });
});
