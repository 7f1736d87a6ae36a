/**
 * A signing profile: how a request is made into bytes, signed, carried and kept fresh. Algorithm, form and window are
 * fixed when the profile is made; a message never chooses them (`alg: none`, algorithm confusion).
 */
import type { Denial } from "../errors.js";
import type { SecretValue } from "../secret-value.js";
import type { HeaderList, SignableMessage } from "./message.js";

export interface SigningKey {
  readonly id: string;
  readonly secret: SecretValue;
}

/** What makes a signature good once and only now. */
export interface Freshness {
  /** Whole seconds since the Unix epoch. */
  readonly timestampSeconds: number;
  /** Unpredictable text, new for each request. A form without a nonce ignores it. */
  readonly nonce: string;
}

export interface Verified {
  readonly keyId: string;
  /** What may be used once: `timestamp:profile:key-id:` and the SHA-256 of the canonical base in hex. */
  readonly claim: string;
  readonly timestampSeconds: number;
  /** Last millisecond in which this signature verifies, timestamp + window: a claim kept so long cannot be replayed. */
  readonly expiresAtMs: number;
}

export interface SigningProfile {
  /** Where `withProof` puts what `sign` returns. Default: the headers. */
  readonly proofIn?: "query";
  /**
   * @returns the headers, or the query parameters before their encoding, to add to the message
   * @throws {INPUT_INVALID} when the message cannot be signed: control characters, or headers that signing adds
   * @throws {SECRET_TOO_SHORT} when the secret is empty
   */
  sign(message: SignableMessage, key: SigningKey, at: Freshness): HeaderList;
  /**
   * Judges in this order: lengths and syntax, key, freshness, signature. It does not know what was seen before: commit
   * the claim to a `CommitStore` until `expiresAtMs`.
   *
   * @param keyFor undefined for an id that no key has
   * @param now milliseconds since the Unix epoch
   */
  verify(message: SignableMessage, keyFor: (keyId: string) => SecretValue | undefined, now: number): Verified | Denial;
}
