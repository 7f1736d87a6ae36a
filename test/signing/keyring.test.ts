import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { type KeyringKey, keyring } from "../../lib/signing/keyring.js";

const JANUARY = Date.UTC(2026, 0, 1);
const FEBRUARY = Date.UTC(2026, 1, 1);
const MARCH = Date.UTC(2026, 2, 1);
const secret = new SecretValue("canary-signing-key-1");

const key = (id: string, change: Partial<KeyringKey> = {}): KeyringKey => ({ id, profile: "orders", direction: "both", secret, ...change });

describe("keyring", () => {
  it("refuses two keys of one profile and id", () => {
    expect(() => keyring([key("a"), key("a", { direction: "sign" })])).toThrow("INPUT_INVALID: id: expected an id of its own for each key");
    expect(() => keyring([key("a"), key("a", { profile: "invoices" })])).not.toThrow();
  });

  it("refuses a time that ends before it begins, or that is none", () => {
    expect(() => keyring([key("a", { notBefore: FEBRUARY, notAfter: JANUARY })])).toThrow("INPUT_INVALID: notAfter: expected a time after");
    expect(() => keyring([key("a", { notBefore: Number.NaN })])).toThrow("INPUT_INVALID: notAfter");
  });
});

describe("signingKey", () => {
  const idAt = (keys: readonly KeyringKey[], now: number) => keyring(keys).signingKey("orders", now).id;

  it("is the one whose time began last, in whatever order they are listed", () => {
    const keys = [key("march", { notBefore: MARCH }), key("always"), key("february", { notBefore: FEBRUARY })];
    for (const order of [keys, keys.toReversed()]) {
      expect([JANUARY, FEBRUARY - 1, FEBRUARY, MARCH - 1, MARCH].map((now) => idAt(order, now))).toEqual([
        "always",
        "always",
        "february",
        "february",
        "march",
      ]);
    }
  });

  it("is the one listed last, of several whose times began together", () => {
    expect(idAt([key("a"), key("b")], JANUARY)).toBe("b");
  });

  it("is good in the first and the last millisecond of its time, and in no other", () => {
    const ring = keyring([key("a", { notBefore: JANUARY, notAfter: FEBRUARY })]);
    for (const now of [JANUARY, FEBRUARY]) expect(ring.signingKey("orders", now).id).toBe("a");
    for (const now of [JANUARY - 1, FEBRUARY + 1, Number.NaN]) {
      expect(() => ring.signingKey("orders", now)).toThrow(expect.objectContaining({ code: "SECRET_MISSING" }));
    }
  });

  it.each([
    ["that only verifies", key("new", { state: "verify-only" })],
    ["that is revoked", key("new", { state: "revoked" })],
    ["whose direction is the other", key("new", { direction: "verify" })],
    ["of another profile", key("new", { profile: "invoices" })],
  ])("is never one %s", (_, other) => {
    expect(idAt([key("old"), other], JANUARY)).toBe("old");
  });

  it("throws REVOKED where all are revoked, SECRET_MISSING where there is none", () => {
    const details = { profile: "orders", expected: "an active key that is in its time" };
    const revoked = keyring([key("a", { state: "revoked" })]);
    expect(() => revoked.signingKey("orders", JANUARY)).toThrow(expect.objectContaining({ code: "REVOKED", details }));
    for (const ring of [keyring<SecretValue>([]), keyring([key("a", { state: "verify-only" })])]) {
      expect(() => ring.signingKey("orders", JANUARY)).toThrow(expect.objectContaining({ code: "SECRET_MISSING", details }));
    }
  });
});

describe("verifyingKey", () => {
  it.each(["active", "verify-only"] as const)("is the key that the message names, when it is %s", (state) => {
    const ring = keyring([key("other"), key("a", { state })]);
    expect(ring.verifyingKey("orders", "a", JANUARY)).toMatchObject({ id: "a", secret });
  });

  it.each([
    ["revoked", { state: "revoked" as const }, JANUARY, "it is revoked"],
    ["over its time", { notAfter: JANUARY }, JANUARY + 1, "its time is over"],
    ["before its time", { notBefore: JANUARY }, JANUARY - 1, "its time has not begun"],
    ["judged by a clock that is none", { notBefore: JANUARY }, Number.NaN, "its time has not begun"],
  ])("is refused when it is %s", (_, change, now, problem) => {
    expect(keyring([key("a", change)]).verifyingKey("orders", "a", now)).toEqual({
      denied: "REVOKED",
      details: { expected: "a key that is good now", profile: "orders", keyId: "a", problem },
    });
  });

  it.each([
    ["an id that no key has", "b", {}],
    ["a key of another profile", "a", { profile: "invoices" }],
    ["a key that only signs", "a", { direction: "sign" as const }],
    ["a name of Object.prototype", "constructor", {}],
    ["a profile and id that join to another's", "x\norders\na", {}],
  ])("is not known for %s", (_, id, change) => {
    expect(keyring([key("a", change)]).verifyingKey("orders", id, JANUARY)).toEqual({
      denied: "CALLER_UNKNOWN",
      details: { expected: "the id of a key of this profile", profile: "orders", keyId: id },
    });
  });
});

it("verifies at any moment whatever it signs at that moment", () => {
  const time = fc.option(fc.integer({ min: JANUARY, max: MARCH }), { nil: undefined });
  const anyKey = fc.record({ state: fc.constantFrom("active", "verify-only", "revoked"), notBefore: time, lifeMs: time });
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 6 }), fc.integer({ min: JANUARY, max: MARCH }), (keys, now) => {
      const ring = keyring(
        keys.map(({ state, notBefore, lifeMs }, index) =>
          key(String(index), {
            state: state as "active",
            ...(notBefore !== undefined && { notBefore }),
            ...(lifeMs !== undefined && { notAfter: Math.max(notBefore ?? 0, lifeMs) }),
          }),
        ),
      );
      let signing: KeyringKey | undefined;
      try {
        signing = ring.signingKey("orders", now);
      } catch {
        const isActive = ({ state, notBefore = 0, lifeMs = MARCH }: (typeof keys)[number]) =>
          state === "active" && notBefore <= now && now <= Math.max(notBefore, lifeMs);
        expect(keys.some((each) => isActive({ ...each, notBefore: each.notBefore ?? 0, lifeMs: each.lifeMs ?? MARCH }))).toBe(false);
        return;
      }
      const verifying = ring.verifyingKey("orders", signing.id, now);
      expect(isDenial(verifying)).toBe(false);
      expect(signing.state).toBe("active");
    }),
  );
});

it("prints no secret", () => {
  const ring = keyring([key("a")]);
  expect(JSON.stringify([ring.signingKey("orders", JANUARY), ring.verifyingKey("orders", "b", JANUARY)])).not.toContain("canary");
});
