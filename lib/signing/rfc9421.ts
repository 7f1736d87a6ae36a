/**
 * HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), for requests and for responses. The profile fixes
 * algorithm, coverage and window; `alg` in a message may only agree. A claim is made of the base and never of the signature,
 * of which ECDSA has two for one. An unknown key id takes as long as a known one.
 */
import type { Denial } from "../errors.js";
import type { SecretValue } from "../secret-value.js";
import type { HeaderList } from "./message.js";
import type { Freshness, SigningKey, SigningProfile, Verified } from "./profile.js";
import type { SignableResponse } from "./rfc9421/message.js";
import { compileRules, type Rfc9421Options } from "./rfc9421/options.js";
import { signed } from "./rfc9421/sign.js";
import { verified } from "./rfc9421/verify.js";

/**
 * Compiles a profile for requests; it keeps no state and serves any number of keys. A key's secret is the raw secret of
 * `hmac-sha256`, or PEM or JWK text: private to sign, public (or private) to verify.
 *
 * @example
 * const profile = rfc9421Profile({ name: "partner", algorithm: "hmac-sha256", components: ["@method", "@target-uri"] });
 * const key = { id: "payments-1", secret: new SecretValue("canary-signing-key-1") };
 * const message = { method: "POST", authority: "api.partner.example", target: "/orders", headers: [], body: Buffer.from("{}") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "n0-nce_AAAAAAAAA" });
 * const verified = profile.verify({ ...message, headers: proof }, () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when the profile is unsound, or weak and does not say so; the message names the part
 */
export function rfc9421Profile(options: Rfc9421Options): SigningProfile {
  const rules = compileRules(options, "request");
  return {
    sign: (message, key, at) => signed(rules, message, key, at),
    verify: (message, keyFor, now) => verified(rules, message, keyFor, now),
  };
}

export interface ResponseSigningProfile {
  /** As of a `SigningProfile`. */
  sign(response: SignableResponse, key: SigningKey, at: Freshness): HeaderList;
  /** As of a `SigningProfile`: hand in the request that was sent, never what the response says about it. */
  verify(response: SignableResponse, keyFor: (keyId: string) => SecretValue | undefined, now: number): Verified | Denial;
}

/**
 * The same for responses. A component with `req` is the request's, so that an answer is good for its own request only.
 *
 * @example
 * const profile = rfc9421ResponseProfile({
 *   name: "partner-answers",
 *   algorithm: "hmac-sha256",
 *   components: ["@status", ["@method", { req: true }], ["@target-uri", { req: true }]],
 * });
 * const key = { id: "partner-1", secret: new SecretValue("canary-signing-key-2") };
 * const request = { method: "GET", authority: "api.partner.example", target: "/orders/1", headers: [], body: new Uint8Array() };
 * const response = { status: 200, headers: [], body: Buffer.from("{}"), request };
 * const proof = profile.sign(response, key, { timestampSeconds: 1_700_000_000, nonce: "n0-nce_AAAAAAAAA" });
 * const verified = profile.verify({ ...response, headers: proof }, () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} as `rfc9421Profile`
 */
export function rfc9421ResponseProfile(options: Rfc9421Options): ResponseSigningProfile {
  const rules = compileRules(options, "response");
  return {
    sign: (response, key, at) => signed(rules, response, key, at),
    verify: (response, keyFor, now) => verified(rules, response, keyFor, now),
  };
}
