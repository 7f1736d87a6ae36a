/**
 * HMAC-SHA256 (RFC 2104) over a canonical base. The strict form covers every header that carries meaning; it is how
 * callers prove themselves to a door. The plain form knows neither authority, nonce nor key id and is for upstreams that
 * ask for it. An unknown key id takes as long as a known one, so that time tells nobody which ids exist.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { deny, type ErrorDetails, SallyportError } from "../errors.js";
import { SecretValue } from "../secret-value.js";
import { HMAC_FORMS, hmacBaseHead, malformedPart, type HmacParts } from "./hmac-base.js";
import { bodySha256Hex, type Header, headerReader, type SignableMessage } from "./message.js";
import type { SigningProfile } from "./profile.js";

export interface HmacOptions {
  readonly form: keyof typeof HMAC_FORMS;
  /** Stands in every claim, so that no two profiles share one. Default: the form. */
  readonly name?: string;
  /** How far the timestamp may lie from the verifier's clock, either way: 1 to 86400. Default 300. */
  readonly windowSeconds?: number;
  /** The plain form carries no key id: this is the one key that verifies it. Default `default`. */
  readonly keyId?: string;
}

const STAND_IN = new SecretValue("computed with for its time, never accepted");

const signatureOf = (base: string, secret: SecretValue): string =>
  `sha256=${createHmac("sha256", secret.revealBytes()).update(base).digest("hex")}`;

const equalInConstantTime = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"));

const readHeaders = headerReader(["content-type", "x-timestamp", "x-nonce", "x-key-id", "x-signature"]);

/** The parts as they stand in a message. */
function partsOf({ method, authority, target, headers }: SignableMessage): HmacParts {
  const [contentType, timestamp, nonce, keyId, signature] = readHeaders(headers);
  return { method, authority, target, contentType, timestamp, nonce, keyId, signature };
}

const unsignable = (details: ErrorDetails): SallyportError =>
  new SallyportError("INPUT_INVALID", details, { message: `the message cannot be signed: ${details.part}: expected ${details.expected}` });

/**
 * @example
 * const profile = hmacProfile({ form: "strict" });
 * const proof = profile.sign(message, { id: "payments-1", secret }, { timestampSeconds, nonce });
 * const verified = profile.verify({ ...message, headers: [...message.headers, ...proof] }, keyFor, Date.now());
 *
 * @throws {INPUT_INVALID} when an option is out of its range
 */
export function hmacProfile({ form, name = form, windowSeconds = 300, keyId: soleKeyId = "default" }: HmacOptions): SigningProfile {
  if (!Number.isInteger(windowSeconds) || windowSeconds < 1 || windowSeconds > 86_400) {
    throw new SallyportError("INPUT_INVALID", { option: "windowSeconds", expected: "a whole number from 1 to 86400", found: windowSeconds });
  }
  const rules = HMAC_FORMS[form];
  const windowMs = windowSeconds * 1000;

  return {
    sign(message, key, at) {
      if (key.secret.byteLength === 0) throw new SallyportError("SECRET_TOO_SHORT", { keyId: key.id });
      const parts = partsOf(message);
      for (const [header, part] of rules.carries) {
        if (parts[part] !== undefined) throw unsignable({ part: header, expected: "no such header: signing adds it" });
      }
      parts.timestamp = String(at.timestampSeconds);
      parts.nonce = at.nonce;
      parts.keyId = key.id;
      const head = hmacBaseHead(rules, parts);
      if (typeof head !== "string") throw unsignable(head.details);
      parts.signature = signatureOf(head + bodySha256Hex(message.body), key.secret);
      return rules.carries.map(([header, part]): Header => [header, parts[part]!]);
    },

    verify(message, keyFor, now) {
      const parts = partsOf(message);
      if (rules.carries.every(([, part]) => parts[part] === undefined)) {
        return deny("PROOF_MISSING", { expected: rules.carries.map(([header]) => header) });
      }
      const head = hmacBaseHead(rules, parts);
      if (typeof head !== "string") return head;
      const malformed = malformedPart("signature", parts.signature);
      if (malformed) return malformed;

      const keyId = form === "plain" ? soleKeyId : parts.keyId!;
      const timestampSeconds = Number(parts.timestamp);
      const secret = keyFor(keyId);
      const usable = secret !== undefined && secret.byteLength > 0;
      // `<=`, so that a clock that is not a number denies.
      const fresh = Math.abs(now - timestampSeconds * 1000) <= windowMs;
      const base = fresh ? head + bodySha256Hex(message.body) : "";
      const matches = fresh && equalInConstantTime(signatureOf(base, usable ? secret : STAND_IN), parts.signature!);

      if (secret === undefined) return deny("CALLER_UNKNOWN", { keyId });
      if (!usable) return deny("SECRET_TOO_SHORT", { keyId });
      if (!fresh) return deny("TIMESTAMP_OUTSIDE_WINDOW", { part: "x-timestamp", expected: `at most ${windowSeconds} s from the verifier's clock`, timestampSeconds, now });
      if (!matches) return deny("SIGNATURE_INVALID", { part: "x-signature", expected: `the HMAC-SHA256 of the ${form} base`, keyId });
      return {
        keyId,
        claim: `${name}:${keyId}:${hash("sha256", base, "hex")}`,
        timestampSeconds,
        expiresAtMs: timestampSeconds * 1000 + windowMs,
      };
    },
  };
}
