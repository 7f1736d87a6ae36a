/**
 * Keys with the time in which each may be used, so that one replaces another without a gap: the new key is known to
 * verifiers before anyone signs with it, and the old one verifies until its last request has arrived. What is revoked is
 * refused from the next request on (THREATS 18, 20). NIST SP 800-57 part 1, section 5.3: cryptoperiods.
 */
import { type Denial, deny, SallyportError } from "../errors.js";
import type { SecretValue } from "../secret-value.js";
import { invalidInput } from "./invalid-input.js";

export type KeyState = "active" | "verify-only" | "revoked";

/** @typeParam Secret the value itself, or the name by which a store knows it */
export interface KeyringKey<Secret = SecretValue> {
  /** What a message names the key by. */
  readonly id: string;
  /** Name of the only profile that the key is good for. */
  readonly profile: string;
  readonly direction: "sign" | "verify" | "both";
  /** Default `active`. A `verify-only` key signs nothing new; a `revoked` one is good for nothing. */
  readonly state?: KeyState;
  /** First millisecond since the Unix epoch in which the key is good. Default: always was. */
  readonly notBefore?: number;
  /** Last millisecond in which it is good. Default: no end. */
  readonly notAfter?: number;
  readonly secret: Secret;
}

export interface Keyring<Secret = SecretValue> {
  /**
   * The key to sign with: of those that are active and in their time the one whose time began last, so that a new key
   * takes over by itself; of several, the one listed last.
   *
   * @param now milliseconds since the Unix epoch
   * @throws {REVOKED} when all that are in their time are revoked
   * @throws {SECRET_MISSING} when none is in its time
   */
  signingKey(profile: string, now: number): KeyringKey<Secret>;
  /**
   * The key that a message names.
   *
   * @returns CALLER_UNKNOWN when the profile verifies with no such key; REVOKED when it does no longer, or not yet
   */
  verifyingKey(profile: string, id: string, now: number): KeyringKey<Secret> | Denial;
}

const BEGINNING = Number.NEGATIVE_INFINITY;
const END = Number.POSITIVE_INFINITY;

/**
 * @example
 * const ring = keyring([
 *   { id: "2025", profile: "orders", direction: "both", notAfter: Date.UTC(2026, 0, 8), secret: oldSecret },
 *   { id: "2026", profile: "orders", direction: "both", notBefore: Date.UTC(2026, 0, 1), secret: newSecret },
 * ]);
 * ring.signingKey("orders", Date.UTC(2026, 0, 2)).id; // "2026"
 * const verified = profile.verify(message, (id) => {
 *   const key = ring.verifyingKey("orders", id, now);
 *   return isDenial(key) ? undefined : key.secret;
 * }, now);
 *
 * @throws {INPUT_INVALID} when two keys of one profile share an id, or a key's time ends before it begins
 */
export function keyring<Secret = SecretValue>(keys: readonly KeyringKey<Secret>[]): Keyring<Secret> {
  const verifying = new Map<string, KeyringKey<Secret>>();
  const signing = new Map<string, KeyringKey<Secret>[]>();
  const seen = new Set<string>();
  for (const key of keys) {
    const { id, profile, direction, notBefore = BEGINNING, notAfter = END } = key;
    const name = nameOf(profile, id);
    if (seen.has(name)) throw invalidInput({ part: "id", expected: "an id of its own for each key of a profile", profile, keyId: id });
    if (!(notBefore <= notAfter)) throw invalidInput({ part: "notAfter", expected: "a time after notBefore", profile, keyId: id });
    seen.add(name);
    if (direction !== "sign") verifying.set(name, key);
    if (direction !== "verify") signing.set(profile, [...(signing.get(profile) ?? []), key]);
  }
  for (const ofProfile of signing.values()) ofProfile.reverse().sort(byNewest);

  return {
    signingKey(profile, now) {
      const inTime = (signing.get(profile) ?? []).filter((key) => ineligibility(key, now) === undefined);
      const found = inTime.find(({ state = "active" }) => state === "active");
      if (found !== undefined) return found;
      const isRevoked = inTime.length > 0 && inTime.every(({ state }) => state === "revoked");
      throw new SallyportError(isRevoked ? "REVOKED" : "SECRET_MISSING", { profile, expected: "an active key that is in its time" });
    },
    verifyingKey(profile, id, now) {
      const key = verifying.get(nameOf(profile, id));
      if (key === undefined) return deny("CALLER_UNKNOWN", { expected: "the id of a key of this profile", profile, keyId: id });
      const problem = key.state === "revoked" ? "it is revoked" : ineligibility(key, now);
      return problem === undefined ? key : deny("REVOKED", { expected: "a key that is good now", profile, keyId: id, problem });
    },
  };
}

/** Names of profiles have no control characters. */
const nameOf = (profile: string, id: string): string => `${profile}\n${id}`;

const byNewest = ({ notBefore: a = BEGINNING }: KeyringKey<unknown>, { notBefore: b = BEGINNING }: KeyringKey<unknown>): number =>
  Number(b > a) - Number(b < a);

/** Why a key is not in its time; a clock that is not a number makes every bounded key unusable. */
function ineligibility({ notBefore = BEGINNING, notAfter = END }: KeyringKey<unknown>, now: number): string | undefined {
  if (!(now >= notBefore)) return "its time has not begun";
  return now <= notAfter ? undefined : "its time is over";
}
