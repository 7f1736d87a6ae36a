/**
 * Verifying (RFC 9421 section 3.2), in the order of least trust: syntax, what the profile demands, key, time, signature, and
 * only then the body's digest.
 */
import { hash } from "node:crypto";
import { type Denial, deny, isDenial } from "../../errors.js";
import type { SecretValue } from "../../secret-value.js";
import type { Verified } from "../profile.js";
import { ALGORITHMS } from "./algorithm.js";
import { digestProblem, isEmpty } from "./content-digest.js";
import type { Signable } from "./message.js";
import type { Rfc9421Rules } from "./options.js";
import { signatureBase } from "./signature-base.js";
import { type ReceivedSignature, readSignature } from "./signature-input.js";

export const MIN_NONCE_LENGTH = 16;

export function verified(
  rules: Rfc9421Rules,
  message: Signable,
  keyFor: (keyId: string) => SecretValue | undefined,
  now: number,
): Verified | Denial {
  const received = readSignature(message.headers, rules);
  if (isDenial(received)) return received;
  const { coverage, parameters, parametersText, signature } = received;
  const shortfall = shortfallOf(rules, received, coverage.hasDigest || isEmpty(message.body));
  if (shortfall) return deny("PROOF_MALFORMED", shortfall);

  const { created: timestampSeconds = Number.NaN, expires = Infinity } = parameters;
  const keyId = parameters.keyid ?? rules.keyId!;
  const secret = keyFor(keyId);
  const algorithm = ALGORITHMS[rules.algorithm];
  const createdMs = timestampSeconds * 1000;
  const expiresAtMs = Math.min(createdMs + rules.windowSeconds * 1000, expires * 1000);
  const fresh = now >= createdMs - rules.windowSeconds * 1000 && now <= expiresAtMs; // false for a clock that is NaN
  const base = fresh ? signatureBase(message, coverage.components, parametersText, rules) : "";
  if (typeof base !== "string") return base;
  const matches = fresh && algorithm.verify(signature, base, secret ?? algorithm.standIn);

  if (secret === undefined) return deny("CALLER_UNKNOWN", { part: "keyid", expected: "the id of a key of this profile", keyId });
  if (secret.byteLength === 0) return deny("SECRET_TOO_SHORT", { expected: "a secret of at least one byte", keyId });
  if (!fresh) {
    const expected = `created at most ${rules.windowSeconds} s from the clock, and not expired`;
    return deny("TIMESTAMP_OUTSIDE_WINDOW", { part: "signature-input", expected, keyId, timestampSeconds, now });
  }
  if (typeof matches !== "boolean") return deny(matches.denied, { ...matches.details, keyId });
  if (!matches) return deny("SIGNATURE_INVALID", { part: "signature", expected: `${rules.algorithm} of the base`, keyId });
  const problem = coverage.hasDigest ? digestProblem(message.headers, message.body) : undefined;
  if (problem) return problem;
  return {
    keyId,
    // Hashed when it is asked for. The time stands first: claims of one moment are neighbours in a store that keeps order.
    get claim() {
      return `${timestampSeconds}:${rules.name}:${keyId}:${hash("sha256", base, "hex")}`;
    },
    timestampSeconds,
    expiresAtMs,
  };
}

/** What the profile demands and the signature does not have; undefined when it has it all. */
function shortfallOf(rules: Rfc9421Rules, { coverage, parameters }: ReceivedSignature, coversBody: boolean) {
  const { created, expires = Infinity, keyid, alg, nonce = "" } = parameters;
  const missing = rules.components.find(({ identity }) => !coverage.identities.has(identity));
  if (missing) return { part: "signature-input", expected: `${missing.text} to be covered` };
  if (rules.coverBody && !coversBody) return { part: "signature-input", expected: "content-digest to be covered, for there is a body" };
  if (created === undefined) return { part: "created", expected: "whole Unix seconds" };
  if (expires < created) return { part: "expires", expected: "a time after created" };
  if (keyid === undefined && rules.keyId === undefined) return { part: "keyid", expected: "the id of a key" };
  if (alg !== undefined && alg !== rules.algorithm) return { part: "alg", expected: `${rules.algorithm}, or nothing`, found: alg };
  if (rules.requireNonce && nonce.length < MIN_NONCE_LENGTH) return { part: "nonce", expected: `at least ${MIN_NONCE_LENGTH} characters` };
  return undefined;
}
