/** THREATS 16: exactly one of any number of copies passes, in whatever equivalent spelling. */
import { describe, expect, it } from "vitest";
import { NOW, signed, type TestRequest, testDoor } from "../fakes/door.js";

it("lets exactly one of 100 concurrent copies reach the upstream", async () => {
  const { send, upstream, metrics } = testDoor();
  const request = signed({ method: "POST", body: "once" });
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(request)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ code }) => code === "REPLAYED")).toHaveLength(99);
  expect(upstream.sent).toHaveLength(1);
  expect(metrics.total("sallyport_replays_refused_total")).toBe(99);
});

describe("a copy that differs", () => {
  const original = signed({ headers: [["content-type", "text/plain"]] });
  const headers = original.headers!;
  const SAME: readonly (readonly [string, TestRequest])[] = [
    ["by the letter case of its header names", { ...original, headers: headers.map(([name, value]) => [name.toUpperCase(), value]) }],
    ["by the order of its headers", { ...original, headers: [...headers].reverse() }],
    ["by a header that is not signed", { ...original, headers: [...headers, ["x-extra", "1"]] }],
    ["by its source address", { ...original, source: "10.9.9.9" }],
  ];

  it.each(SAME)("is refused when it differs %s", async (_, copy) => {
    const { send, upstream } = testDoor();
    await send(original);
    expect(await send(copy)).toMatchObject({ status: 409, code: "REPLAYED" });
    expect(upstream.sent).toHaveLength(1);
  });

  it("passes with a nonce of its own", async () => {
    const { send } = testDoor();
    await send(signed());
    expect(await send(signed({}, { nonce: "nonce-9876543210" }))).toMatchObject({ status: 200 });
  });
});

it("keeps the claim until timestamp + window, not arrival + window", async () => {
  const { send, commits, clock } = testDoor();
  clock.advance(100_000);
  await send(signed());
  expect(commits.commits[0]).toMatchObject({ owner: "payments", expiresAt: NOW + 300_000 });
});

it("refuses a replay in the last millisecond of the window", async () => {
  const { send, clock } = testDoor();
  await send(signed());
  clock.advance(300_000);
  expect(await send(signed())).toMatchObject({ code: "REPLAYED" });
  clock.advance(1);
  expect(await send(signed())).toMatchObject({ code: "DENIED" });
});

it("gives a call by token a claim of its own each time", async () => {
  const { ask, commits, audit } = testDoor();
  await ask();
  await ask();
  expect(commits.commits.map(({ claim }) => claim.split(":")[1])).toEqual(audit.events.map(({ requestId }) => requestId));
});

it("writes the intent with the claim, before any credential is known", async () => {
  const { send, commits, door } = testDoor();
  await send(signed({ target: "/api/v1/charges?limit=3" }));
  expect(commits.commits[0]?.intent).toEqual({
    kind: "intent",
    time: new Date(NOW).toISOString(),
    requestId: expect.stringMatching(/^[\w-]{16}$/),
    decision: "allow",
    reason: "granted",
    policyVersion: door.current.policy.version,
    rule: "api-payments",
    caller: "payments",
    proof: "hmac",
    source: "10.1.2.3",
    route: "api",
    method: "GET",
    path: "/api/v1/charges",
    query: "limit=[redacted]",
    requestBytes: 0,
  });
});
