/**
 * Verifying, in the order of least trust: syntax, coverage, key, time, signature, and only then the body. Nothing that
 * carries meaning may stand outside the signature, and an unknown key takes as long as a known one.
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import { isHeaderName } from "../../http/headers.js";
import type { SecretValue } from "../../secret-value.js";
import { bodySha256Hex, type Header, headerReader, type SignableMessage } from "../message.js";
import type { Verified } from "../profile.js";
import { STAND_IN_SECRET } from "../stand-in.js";
import { dayOf } from "./amz-date.js";
import { invalidChunks } from "./aws-chunked.js";
import { type CanonicalHeaders, canonicalHeaders, canonicalRequest, isAmbiguousPath } from "./canonical-request.js";
import { readProof } from "./read-proof.js";
import type { Sigv4Rules } from "./rules.js";
import { cutTarget, readTarget, stringToSign } from "./signable.js";

/** A presigned target may be used so much before its time: clocks differ. In the header form the window counts both ways. */
const MAX_EARLY_SECONDS = 300;

const STAND_IN = { id: "stand-in", secret: STAND_IN_SECRET };

const readContentSha256 = headerReader(["x-amz-content-sha256"]);
const SHA256_HEX = /^[0-9a-f]{64}$/;

export function verified(
  rules: Sigv4Rules,
  message: SignableMessage,
  keyFor: (keyId: string) => SecretValue | undefined,
  now: number,
): Verified | Denial {
  const { algorithm, payload } = rules;
  if (isAmbiguousPath(cutTarget(message.target)[0], rules.pathRule)) {
    return malformed("target", "a path that is its own normal form, without encoded slashes");
  }
  const target = readTarget(message.target, rules.pathRule);
  if (isDenial(target)) return target;
  const proof = readProof(rules, message, target.pairs);
  if (isDenial(proof)) return proof;
  const headers = coveredHeaders(rules, message, proof.signedHeaders);
  if (isDenial(headers)) return headers;
  const [contentSha256] = readContentSha256(message.headers);
  const badContentSha256 = malformedContentSha256(rules, contentSha256);
  if (badContentSha256) return badContentSha256;

  const { keyId, date, timestampSeconds, lifeSeconds } = proof;
  const secret = keyFor(keyId);
  const key = { ...(secret === undefined ? STAND_IN : { id: keyId, secret }), day: dayOf(date) };
  const matches = (signature: string, text: string): boolean => algorithm.matches(signature, text, key);
  const ageMs = now - timestampSeconds * 1000;
  const earlySeconds = rules.form === "query" ? Math.min(lifeSeconds, MAX_EARLY_SECONDS) : lifeSeconds;
  const fresh = ageMs >= -earlySeconds * 1000 && ageMs <= lifeSeconds * 1000; // false for a clock that is NaN
  let text = "";
  let isSigned = false;
  if (fresh) {
    const payloadHash = payload.declared ?? contentSha256 ?? bodySha256Hex(message.body);
    const query = target.pairs.filter(([name]) => !isOutside(rules, name));
    const request = canonicalRequest({ method: message.method, path: target.path, query, headers, payloadHash });
    text = stringToSign(algorithm.name, date, proof.scope, request);
    isSigned = matches(proof.signature, text);
  }

  if (secret === undefined) return deny("CALLER_UNKNOWN", { part: "credential", expected: "the id of a key of this profile", keyId });
  if (secret.byteLength === 0) return deny("SECRET_TOO_SHORT", { expected: "a secret of at least one byte", keyId });
  if (!fresh) {
    const expected = `at most ${earlySeconds} s before and ${lifeSeconds} s after its time`;
    return deny("TIMESTAMP_OUTSIDE_WINDOW", { part: "x-amz-date", expected, keyId, timestampSeconds, now });
  }
  if (!isSigned) return deny("SIGNATURE_INVALID", { part: "signature", expected: `${algorithm.name} of the canonical request`, keyId });
  if (payload.declared === undefined && contentSha256 !== undefined && contentSha256 !== bodySha256Hex(message.body)) {
    return deny("SIGNATURE_INVALID", { part: "body", expected: "the body that x-amz-content-sha256 is the hash of", keyId });
  }
  const badChunks = payload.chunks && invalidChunks(message, payload.chunks, proof, matches);
  if (badChunks) return badChunks;
  // The text ends in the hash of the canonical request. Not the signature: an ECDSA signature has two spellings.
  const claim = `${timestampSeconds}:${rules.name}:${keyId}:${text.slice(-64)}`;
  return { keyId, claim, timestampSeconds, expiresAtMs: (timestampSeconds + lifeSeconds) * 1000 };
}

/** Parameters that the canonical request leaves out. */
const isOutside = ({ form, unsignedSessionToken }: Sigv4Rules, name: string): boolean =>
  form === "query" && (name === "X-Amz-Signature" || (unsignedSessionToken && name === "X-Amz-Security-Token"));

const MUST_BE_COVERED = /^(?:content-type$|x-amz-)/;

function coveredHeaders(rules: Sigv4Rules, { authority, headers }: SignableMessage, signedHeaders: string): CanonicalHeaders | Denial {
  const names = signedHeaders.split(";");
  const areNames = names.every((name) => isHeaderName(name) && name === name.toLowerCase());
  const areSorted = names.every((name, index) => index === 0 || name > names[index - 1]!);
  if (!areNames || !areSorted) return malformed("signedheaders", "names in lower case, sorted, each once");

  const missing = new Set(names);
  if (!missing.delete("host")) return malformed("signedheaders", "host among them");
  const covered: Header[] = [["host", authority]];
  const named = new Set(missing);
  for (const [field, value] of headers) {
    const name = field.toLowerCase();
    if (named.has(name)) {
      covered.push([name, value]);
      missing.delete(name);
    } else if (MUST_BE_COVERED.test(name) && !(rules.unsignedSessionToken && name === "x-amz-security-token")) {
      return malformed("signedheaders", "content-type and every x-amz- header of the message among them");
    }
  }
  return missing.size === 0 ? canonicalHeaders(covered) : malformed("signedheaders", "only headers that the message has");
}

function malformedContentSha256({ payload, carriesContentSha256 }: Sigv4Rules, value: string | undefined): Denial | undefined {
  if (value === undefined && !carriesContentSha256) return undefined;
  if (payload.declared !== undefined) {
    return value === payload.declared ? undefined : malformed("x-amz-content-sha256", `${payload.declared}, exactly once`);
  }
  return SHA256_HEX.test(value ?? "") ? undefined : malformed("x-amz-content-sha256", "64 lower-case hexadecimal digits, exactly once");
}

const malformed = (part: string, expected: string): Denial => deny("PROOF_MALFORMED", { part, expected });
