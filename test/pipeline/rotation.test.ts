/** THREATS 20: a revoked key is refused at once, and the audit says why; the caller learns no more than any stranger. */
import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { API_KEY, CALLER_KEY, NOW, SIGNING_KEY, signed, testDoor } from "../fakes/door.js";

const at = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(".000Z", "Z");
const withKeys = (keys: object) => ({ callers: { payments: { kind: "hmac", keys } } });
const PAST = Math.floor(NOW / 1000) * 1000 - 60_000;
const FUTURE = PAST + 120_000;

describe("a caller with several keys", () => {
  const TWO = { "payments-1": { key: "caller-key" }, "payments-2": { key: "signing-key" } };
  const ofBoth = [signed(), signed({}, { keyId: "payments-2", key: SIGNING_KEY })];

  it("is known by each of them, and as the same caller", async () => {
    const { send, audit } = testDoor({ policy: withKeys(TWO) });
    for (const request of ofBoth) expect(await send(request)).toMatchObject({ status: 200 });
    expect(audit.events.map(({ caller }) => caller)).toEqual(["payments", "payments"]);
  });

  it("is refused where one key signs under the other's id", async () => {
    const { send, audit } = testDoor({ policy: withKeys(TWO) });
    expect(await send(signed({}, { keyId: "payments-2", key: CALLER_KEY }))).toMatchObject({ status: 403, code: "DENIED" });
    expect(audit.events[0]).toMatchObject({ reason: "SIGNATURE_INVALID" });
  });

  it.each([
    ["revoked", { state: "revoked" }, "it is revoked"],
    ["over its time", { notAfter: at(PAST) }, "its time is over"],
    ["not yet in its time", { notBefore: at(FUTURE) }, "its time has not begun"],
  ])("is refused by a key that is %s, and REVOKED stands in the audit alone", async (_, change, problem) => {
    const { send, audit, secrets, upstream } = testDoor({ policy: withKeys({ ...TWO, "payments-1": { key: "caller-key", ...change } }) });
    expect(await send(ofBoth[0]!)).toMatchObject({ status: 403, code: "DENIED" });
    expect(audit.events[0]).toMatchObject({ kind: "denial", reason: "REVOKED", details: { keyId: "payments-1", problem } });
    expect([secrets.reads, upstream.sent]).toEqual([[], []]);
    expect(await send(ofBoth[1]!)).toMatchObject({ status: 200 });
  });

  it("is accepted by a key that only verifies", async () => {
    const { send } = testDoor({ policy: withKeys({ ...TWO, "payments-1": { key: "caller-key", state: "verify-only" } }) });
    expect(await send(ofBoth[0]!)).toMatchObject({ status: 200 });
  });

  it("is told a broken proof before a revoked key", async () => {
    const { send, audit } = testDoor({ policy: withKeys({ ...TWO, "payments-1": { key: "caller-key", state: "revoked" } }) });
    await send({ headers: signed().headers!.map(([name, value]) => [name, name === "X-Nonce" ? "short" : value]) });
    expect(audit.events[0]).toMatchObject({ reason: "PROOF_MALFORMED" });
  });

  it("counts the secret that it used, and no other, among what may be revoked", async () => {
    const revocations = { revoked: async (names: readonly string[]) => names.filter((name) => name === "secrets/caller-key") };
    const { send, audit } = testDoor({ policy: withKeys(TWO), revocations });
    expect(await send(ofBoth[1]!)).toMatchObject({ status: 200 });
    await send(ofBoth[0]!);
    expect(audit.events[1]).toMatchObject({ reason: "REVOKED", details: { revoked: ["secrets/caller-key"] } });
  });
});

describe("a signing profile with several keys", () => {
  const doorWith = (keys: object) =>
    testDoor({
      policy: {
        signingProfiles: { outgoing: { kind: "hmac", keys } },
        routes: { api: { owner: "team-test", target: "https://api.example.com", sign: "outgoing" } },
      },
    });
  const keyIdOf = ({ upstream }: ReturnType<typeof testDoor>): string | undefined =>
    upstream.sent.at(-1)?.headers.find(([name]) => name === "X-Key-Id")?.[1];

  it("signs with the newest, from the moment at which its time begins", async () => {
    const door = doorWith({ old: { key: "signing-key" }, new: { key: "api-key", notBefore: at(FUTURE) } });
    await door.ask();
    expect(keyIdOf(door)).toBe("old");
    door.clock.advance(FUTURE - NOW);
    expect(await door.ask()).toMatchObject({ status: 200 });
    expect(keyIdOf(door)).toBe("new");
    const { method, target, headers, body } = door.upstream.sent[1]!;
    const message = { method, target, headers, body, authority: "api.example.com" };
    expect(hmacProfile({ form: "strict" }).verify(message, () => new SecretValue(API_KEY), FUTURE)).toMatchObject({ keyId: "new" });
  });

  it("asks for no secret but the one it signs with", async () => {
    const { ask, secrets } = doorWith({ old: { key: "api-key", state: "revoked" }, new: { key: "signing-key" } });
    await ask();
    expect(secrets.reads).toEqual(["signing-key"]);
  });

  it("denies when no key is in its time", async () => {
    const { ask, audit, upstream } = doorWith({ later: { key: "signing-key", notBefore: at(FUTURE) } });
    expect(await ask()).toMatchObject({ status: 503, code: "SECRET_MISSING" });
    expect(audit.events[0]).toMatchObject({ details: { profile: "outgoing", expected: "an active key that is in its time" } });
    expect(upstream.sent).toEqual([]);
  });
});
