/** THREATS 25: until a caller is authorized, every refusal looks the same; afterwards it sees codes. */
import { expect, it } from "vitest";
import type { ErrorCode } from "../../lib/errors.js";
import { NOW, signed, type TestRequest, TOKEN, testDoor } from "../fakes/door.js";

const token = (value: string): TestRequest => ({ headers: [["authorization", `Bearer ${value}`]] });

// biome-ignore format: one row a refusal
const REFUSALS: readonly (readonly [title: string, request: TestRequest, reason: ErrorCode])[] = [
  ["no proof", {}, "PROOF_MISSING"],
  ["no proof on an unknown route", { target: "/nowhere/v1" }, "PROOF_MISSING"],
  ["an unknown token", token("no-such-token"), "CALLER_UNKNOWN"],
  ["a Basic credential", { headers: [["authorization", "Basic eDp5"]] }, "PROOF_MISSING"],
  ["two tokens", { headers: [["authorization", "Bearer a"], ["Authorization", "Bearer b"]] }, "PROOF_MALFORMED"],
  ["an unknown key id", signed({}, { keyId: "nobody" }), "CALLER_UNKNOWN"],
  ["a key id of the prototype", signed({}, { keyId: "constructor" }), "CALLER_UNKNOWN"],
  ["a wrong key", signed({}, { key: "another key altogether" }), "SIGNATURE_INVALID"],
  ["a signature over another path", { ...signed({ target: "/api/v1/refunds" }), target: "/api/v1/charges" }, "SIGNATURE_INVALID"],
  ["a signature over another body", { ...signed({ method: "POST", body: "a" }), body: "b" }, "SIGNATURE_INVALID"],
  ["a malformed signature", { headers: [["x-signature", "sha256=00"]] }, "PROOF_MALFORMED"],
  ["a signature that is too old", signed({}, { timestampMs: NOW - 301_000 }), "TIMESTAMP_OUTSIDE_WINDOW"],
  ["a signature from the future", signed({}, { timestampMs: NOW + 301_000 }), "TIMESTAMP_OUTSIDE_WINDOW"],
  ["an unknown route", signed({ target: "/nowhere/v1/charges" }), "ROUTE_UNKNOWN"],
  ["a path that is not granted", signed({ target: "/api/v2/charges" }), "NOT_GRANTED"],
  ["a method that is not granted", signed({ method: "DELETE" }), "NOT_GRANTED"],
];

const shown = async (request: TestRequest) => {
  const { send, audit, upstream, commits } = testDoor();
  const answer = await send(request);
  const event = audit.events[0]!;
  expect([upstream.sent, commits.commits]).toEqual([[], []]);
  return { reason: event.reason, bytes: JSON.stringify(answer).replace(String(event.requestId), "ID") };
};

it.each(REFUSALS)("shows nothing but DENIED for %s", async (_, request, reason) => {
  const [first] = REFUSALS;
  const { bytes } = await shown(first![1]);
  expect(await shown(request)).toEqual({ reason, bytes });
});

it("gives the DENIED answer a new request id every time", async () => {
  const { send } = testDoor();
  const ids = [await send({}), await send({})].map(({ body }) => JSON.parse(body).requestId);
  expect(ids[0]).toMatch(/^[A-Za-z0-9_-]{16}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

it("says OVERLOADED, and not which, when the secret store fails before the caller is known", async () => {
  const { send, secrets, audit } = testDoor();
  secrets.fail();
  expect(await send(signed())).toMatchObject({ status: 503, code: "OVERLOADED" });
  expect(audit.events[0]?.reason).toBe("SECRET_UNAVAILABLE");
});

it("shows the code once the caller is authorized", async () => {
  const { send } = testDoor();
  await send(signed());
  expect(await send(signed())).toMatchObject({ status: 409, code: "REPLAYED" });
});

it("takes a timestamp at both edges of the window", async () => {
  for (const timestampMs of [NOW - 300_000, NOW + 300_000]) {
    expect(await testDoor().send(signed({}, { timestampMs }))).toMatchObject({ status: 200 });
  }
});

it("names the rule and the unmet condition in the audit only", async () => {
  const when = { requireHeaders: ["idempotency-key"] };
  const { ask, audit } = testDoor({
    policy: { grants: { "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**"], when } } },
  });
  const answer = await ask();
  expect(answer).toMatchObject({ status: 403, code: "DENIED" });
  expect(answer.body).not.toContain("idempotency");
  expect(audit.events[0]).toMatchObject({ reason: "CONDITION_NOT_MET", rule: "api-batch", details: { conditions: ["requireHeaders"] } });
  expect(await ask({ headers: [["Idempotency-Key", "1"]] })).toMatchObject({ status: 200 });
});

it("does not count a required header that the Connection header takes away, or an empty one", async () => {
  const when = { requireHeaders: ["idempotency-key"] };
  const policy = { grants: { "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**"], when } } };
  for (const headers of [
    [
      ["idempotency-key", "1"],
      ["connection", "idempotency-key"],
    ],
    [["idempotency-key", " "]],
  ] as [string, string][][]) {
    expect(await testDoor({ policy }).ask({ headers })).toMatchObject({ status: 403 });
  }
});

it("does not tell by a size limit which routes exist", async () => {
  const routes = {
    small: { owner: "team-test", target: "https://api.example.com", limits: { maxBodyBytes: 10 } },
    large: { owner: "team-test", target: "https://api.example.com", limits: { maxBodyBytes: 1_000 } },
    api: { owner: "team-test", target: "https://api.example.com", limits: { maxBodyBytes: 100 } },
  };
  const grants = {
    small: { caller: "batch", route: "small", requests: ["POST /**"] },
    large: { caller: "batch", route: "large", requests: ["POST /**"] },
  };
  const ask = async (target: string, length: number, headers: TestRequest["headers"] = []) => {
    const { send } = testDoor({ policy: { routes, grants } });
    return (await send({ method: "POST", target, headers, body: "x".repeat(length) })).code;
  };
  for (const target of ["/small/a", "/large/a", "/nowhere/a"]) {
    expect(await ask(target, 100)).toBe("DENIED");
    expect(await ask(target, 1_001)).toBe("BODY_TOO_LARGE");
  }
  expect(await ask("/small/a", 100, [["authorization", `Bearer ${TOKEN}`]])).toBe("BODY_TOO_LARGE");
});

it("tells the operator alone that a caller's key has no value", async () => {
  const { send, secrets, audit } = testDoor();
  secrets.remove("caller-key");
  expect(await send(signed())).toMatchObject({ status: 403, code: "DENIED" });
  expect(audit.events[0]).toMatchObject({ reason: "SECRET_MISSING", details: { secret: "caller-key" } });
});

it.each(["X_Admin_Mode", "x-admin-mode"])("denies a header that a deny asks for as %s, whatever its value", async (name) => {
  const grants = {
    all: { caller: "batch", route: "api", requests: ["GET /**"] },
    admin: { caller: "batch", route: "api", requests: ["GET /**"], effect: "deny", when: { requireHeaders: ["x-admin-mode"] } },
  };
  for (const value of ["1", ""]) {
    const { send, audit } = testDoor({ policy: { grants } });
    await send({
      headers: [
        ["authorization", `Bearer ${TOKEN}`],
        [name, value],
      ],
    });
    expect(audit.events[0]).toMatchObject({ reason: "DENIED_BY_RULE", rule: "admin" });
  }
});
