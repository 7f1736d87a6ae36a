/**
 * The two canonical bases that an HMAC is computed over, one part a line. Each part has a grammar without control
 * characters, so no part can forge a line, and without non-ASCII characters, so the text has one encoding only. The forms
 * differ in their number of lines: a base of one is never a base of the other.
 */
import { type Denial, deny } from "../errors.js";

/** What a signature is made of and carried by. `undefined` is a header that is absent. */
export interface HmacParts {
  method: string;
  authority: string;
  target: string;
  contentType: string | undefined;
  timestamp: string | undefined;
  nonce: string | undefined;
  keyId: string | undefined;
  signature: string | undefined;
}

interface Grammar {
  readonly name: string;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly expected: string;
}

/** `sha256=` and the hash in hex. */
export const SIGNATURE_LENGTH = 7 + 64;

const row = (name: string, minLength: number, maxLength: number, pattern: RegExp, expected: string): Grammar => ({
  name,
  minLength,
  maxLength,
  pattern,
  expected,
});

// biome-ignore format: one row a part
const GRAMMARS: Readonly<Record<keyof HmacParts, Grammar>> = {
  method:      row("method",       1,    32, /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "an HTTP method of at most 32 characters"),
  authority:   row("authority",    1,   512, /^[\x21-\x7e]+$/,                "1 to 512 visible ASCII characters"),
  target:      row("target",       1, 16384, /^[\x21-\x7e]+$/,                "1 to 16384 visible ASCII characters"),
  contentType: row("content-type", 0,  1024, /^[\x20-\x7e]*$/,                "at most 1024 printable ASCII characters, at most once"),
  timestamp:   row("x-timestamp", 10,    11, /^[1-9][0-9]+$/,                 "whole Unix seconds in decimal, exactly once"),
  nonce:       row("x-nonce",     16,   128, /^[A-Za-z0-9_-]+$/,              "16 to 128 characters A-Z a-z 0-9 _ -, exactly once"),
  keyId:       row("x-key-id",     1,   128, /^[A-Za-z0-9._-]+$/,             "1 to 128 characters A-Z a-z 0-9 . _ -, exactly once"),
  signature:   row("x-signature", SIGNATURE_LENGTH, SIGNATURE_LENGTH, /^sha256=[0-9a-f]+$/,            "sha256= and 64 lower-case hexadecimal digits, exactly once"),
};

/** The refusal of a part that breaks its grammar; undefined when it keeps it. Lengths come first: they bound the work. */
export function malformedPart(part: keyof HmacParts, value = ""): Denial | undefined {
  const { name, minLength, maxLength, pattern, expected } = GRAMMARS[part];
  if (value.length >= minLength && value.length <= maxLength && pattern.test(value)) return undefined;
  const found = value === "" ? "nothing" : value.includes("\n") ? "more than one line" : `${value.length} characters`;
  return deny("PROOF_MALFORMED", { part: name, expected, found });
}

export interface HmacForm {
  /** The parts that the base covers. */
  readonly covers: readonly (keyof HmacParts)[];
  /** The parts that travel in headers of their own, in the order in which signing adds them. */
  readonly carries: readonly (readonly [header: string, part: keyof HmacParts])[];
  readonly head: (parts: HmacParts) => string;
}

const TIMESTAMP = ["X-Timestamp", "timestamp"] as const;
const NONCE = ["X-Nonce", "nonce"] as const;
const KEY_ID = ["X-Key-Id", "keyId"] as const;
const SIGNATURE = ["X-Signature", "signature"] as const;

export type HmacFormName = "strict" | "plain";

export const HMAC_FORMS: Readonly<Record<HmacFormName, HmacForm>> = {
  strict: {
    covers: ["method", "authority", "target", "contentType", "timestamp", "nonce", "keyId"],
    carries: [TIMESTAMP, NONCE, KEY_ID, SIGNATURE],
    head: ({ method, authority, target, contentType = "", timestamp, nonce, keyId }) =>
      `${method}\n${authority}\n${target}\ncontent-type:${contentType}\nx-timestamp:${timestamp}\nx-nonce:${nonce}\nx-key-id:${keyId}\n`,
  },
  plain: {
    covers: ["method", "target", "contentType", "timestamp"],
    carries: [TIMESTAMP, SIGNATURE],
    head: ({ method, target, contentType = "", timestamp }) =>
      `${method}\n${target}\ncontent-type:${contentType}\nx-timestamp:${timestamp}\n`,
  },
};

/**
 * The base but for its last line, the body's SHA-256 in lower-case hex: hashing waits until key and timestamp are known
 * to be good.
 */
export function hmacBaseHead(form: HmacForm, parts: HmacParts): string | Denial {
  for (const part of form.covers) {
    const malformed = malformedPart(part, parts[part]);
    if (malformed) return malformed;
  }
  return form.head(parts);
}
