/**
 * HMAC-SHA256 (RFC 2104) over a canonical base. In the strict form callers prove themselves to a door: it covers every
 * header that carries meaning. The plain form has neither authority, nonce nor key id and is for upstreams that ask for
 * it. An unknown key id takes as long as a known one, so that time tells nobody which ids exist.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { deny, SallyportError } from "../errors.js";
import type { SecretValue } from "../secret-value.js";
import { HMAC_FORMS, type HmacFormName, type HmacParts, hmacBaseHead, malformedPart, SIGNATURE_LENGTH } from "./hmac-base.js";
import { invalidInput } from "./invalid-input.js";
import { bodySha256Hex, type Header, headerReader, type SignableMessage } from "./message.js";
import type { SigningProfile } from "./profile.js";
import { STAND_IN_SECRET } from "./stand-in.js";

export interface HmacOptions {
  readonly form: HmacFormName;
  /** Stands in every claim, so that no two profiles share one: 1 to 128 characters A-Z a-z 0-9 . _ -. Default: the form. */
  readonly name?: string;
  /** How far the signed timestamp may lie from the verifier's clock, either way: 1 to 86400. Default 300. */
  readonly windowSeconds?: number;
  /** The plain form carries no key id; this one goes to `keyFor`. Same characters as `name`. Default `default`. */
  readonly keyId?: string;
}

/** The primitive: HMAC-SHA256 in lower-case hex. Text is taken as UTF-8. */
export const hmacSha256Hex = (secret: SecretValue, data: string | Uint8Array): string =>
  createHmac("sha256", secret.revealBytes()).update(data).digest("hex");

const signatureOf = (base: string, secret: SecretValue): string => `sha256=${hmacSha256Hex(secret, base)}`;

// Written and compared in one go, so calls never share them; new buffers would cost more than the comparison.
const received = Buffer.alloc(SIGNATURE_LENGTH);
const expected = Buffer.alloc(SIGNATURE_LENGTH);

/** In constant time. Both are well-formed signatures, so ASCII of equal length. */
function equalSignatures(a: string, b: string): boolean {
  received.write(a, "latin1");
  expected.write(b, "latin1");
  return timingSafeEqual(received, expected);
}

const readHeaders = headerReader(["content-type", "x-timestamp", "x-nonce", "x-key-id", "x-signature"]);

function partsOf({ method, authority, target, headers }: SignableMessage): HmacParts {
  const [contentType, timestamp, nonce, keyId, signature] = readHeaders(headers);
  return { method, authority, target, contentType, timestamp, nonce, keyId, signature };
}

/**
 * Compiles a profile; it keeps no state and serves any number of keys.
 *
 * @example
 * const profile = hmacProfile({ form: "strict" });
 * const key = { id: "payments-1", secret: new SecretValue("a key of the caller's own") };
 * const message = { method: "POST", authority: "door.example", target: "/stripe/v1/charges", headers: [], body: Buffer.from("amount=100") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "V1StGXR8_Z5jdHi6B-myT" });
 * const verified = profile.verify({ ...message, headers: proof }, (id) => (id === key.id ? key.secret : undefined), 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when an option is out of its range
 */
export function hmacProfile({ form: formName, name = formName, windowSeconds = 300, keyId = "default" }: HmacOptions): SigningProfile {
  if (!Object.hasOwn(HMAC_FORMS, formName)) throw invalidInput({ part: "form", expected: Object.keys(HMAC_FORMS).join(" or ") });
  if (!(Number.isInteger(windowSeconds) && windowSeconds >= 1 && windowSeconds <= 86_400)) {
    throw invalidInput({ part: "windowSeconds", expected: "a whole number from 1 to 86400", found: windowSeconds });
  }
  for (const [part, value] of Object.entries({ name, keyId })) {
    const malformed = malformedPart("keyId", value);
    if (malformed) throw invalidInput({ ...malformed.details, part });
  }
  const form = HMAC_FORMS[formName];
  const windowMs = windowSeconds * 1000;

  return {
    sign(message, key, at) {
      if (key.secret.byteLength === 0) throw new SallyportError("SECRET_TOO_SHORT", { keyId: key.id });
      const parts = partsOf(message);
      for (const [header, part] of form.carries) {
        if (parts[part] !== undefined) throw invalidInput({ part: header.toLowerCase(), expected: "no such header, signing adds it" });
      }
      parts.timestamp = String(at.timestampSeconds);
      parts.nonce = at.nonce;
      parts.keyId = key.id;
      const head = hmacBaseHead(form, parts);
      if (typeof head !== "string") throw invalidInput(head.details);
      parts.signature = signatureOf(head + bodySha256Hex(message.body), key.secret);
      return form.carries.map(([header, part]): Header => [header, parts[part]!]);
    },

    verify(message, keyFor, now) {
      const parts = partsOf(message);
      if (form.carries.every(([, part]) => parts[part] === undefined)) {
        return deny("PROOF_MISSING", { expected: form.carries.map(([header]) => header.toLowerCase()) });
      }
      const head = hmacBaseHead(form, parts);
      if (typeof head !== "string") return head;
      const malformed = malformedPart("signature", parts.signature);
      if (malformed) return malformed;

      const id = form.covers.includes("keyId") ? parts.keyId! : keyId;
      const secret = keyFor(id);
      const timestampSeconds = Number(parts.timestamp);
      const fresh = Math.abs(now - timestampSeconds * 1000) <= windowMs; // false for a clock that is NaN
      const base = fresh ? head + bodySha256Hex(message.body) : "";
      const matches = fresh && equalSignatures(parts.signature!, signatureOf(base, secret ?? STAND_IN_SECRET));

      if (secret === undefined) return deny("CALLER_UNKNOWN", { part: "x-key-id", expected: "the id of a key of this profile", keyId: id });
      if (secret.byteLength === 0) return deny("SECRET_TOO_SHORT", { expected: "a secret of at least one byte", keyId: id });
      if (!fresh) {
        const details = { part: "x-timestamp", expected: `at most ${windowSeconds} s from the clock`, keyId: id, timestampSeconds, now };
        return deny("TIMESTAMP_OUTSIDE_WINDOW", details);
      }
      if (!matches) {
        return deny("SIGNATURE_INVALID", { part: "x-signature", expected: `HMAC-SHA256 of the ${formName} base`, keyId: id });
      }
      // The time stands first: claims of one moment are neighbours in a store that keeps order.
      const claim = `${timestampSeconds}:${name}:${id}:${hash("sha256", base, "hex")}`;
      return { keyId: id, claim, timestampSeconds, expiresAtMs: timestampSeconds * 1000 + windowMs };
    },
  };
}
