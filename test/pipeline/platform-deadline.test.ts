import { describe, expect, it } from "vitest";
import { testDoor } from "../fakes/door.js";

describe("the platform's own deadline", () => {
  it("bounds the call when it comes first, and is named", async () => {
    const { ask, audit, upstream } = testDoor();
    upstream.fail("UPSTREAM_TIMEOUT");
    const answer = await ask({ known: { deadlineMs: 7_000 } });
    expect(upstream.sent[0]?.deadlineMs).toBe(7_000);
    expect([answer.status, answer.code]).toEqual([504, "PLATFORM_TIMEOUT"]);
    expect(audit.events.at(-1)).toMatchObject({ reason: "PLATFORM_TIMEOUT", details: { host: "api.example.com" } });
  });

  it.each([undefined, 60_000])("leaves the route's deadline in force when it comes later (%s)", async (deadlineMs) => {
    const { ask, upstream } = testDoor();
    upstream.fail("UPSTREAM_TIMEOUT");
    const answer = await ask({ known: { deadlineMs } });
    expect(upstream.sent[0]?.deadlineMs).toBe(25_000);
    expect([answer.status, answer.code]).toEqual([504, "UPSTREAM_TIMEOUT"]);
  });

  it("is not blamed for another fault", async () => {
    const { ask, upstream } = testDoor();
    upstream.fail("UPSTREAM_RESET");
    expect((await ask({ known: { deadlineMs: 7_000 } })).code).toBe("UPSTREAM_RESET");
  });
});
