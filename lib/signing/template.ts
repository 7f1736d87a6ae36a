/**
 * Webhooks and other HMACs over a few joined pieces, by data: which segments, which delimiter, which headers. The base is
 * compared, never a parsed form of it; several signatures in one header (rotation at the sender) are all tried, whichever
 * matches. An unknown key id takes as long as a known one.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Denial, deny, isDenial, SallyportError } from "../errors.js";
import { invalidInput } from "./invalid-input.js";
import { type HeaderList, headerReader, type SignableMessage } from "./message.js";
import type { SigningProfile } from "./profile.js";
import { STAND_IN_SECRET } from "./stand-in.js";
import { type Carrier, carriedValues, carry, type ValueGrammar } from "./template/carrier.js";
import { decodeSecret } from "./template/decode-secret.js";
import { checkTemplate, MAC_LENGTHS, type TemplateOptions } from "./template/options.js";
import { type CarriedParts, type Piece, pieceReader } from "./template/segment.js";
import { formatTimestamp, parseTimestamp, TIMESTAMP_FORMATS } from "./template/timestamp-format.js";

/** More than any rotation needs: each costs a comparison. */
const MAX_SIGNATURES = 16;

const ENCODINGS = {
  hex: { pattern: /^[0-9a-f]+$/, lengthOf: (bytes: number) => bytes * 2 },
  base64: { pattern: /^[A-Za-z0-9+/]+=*$/, lengthOf: (bytes: number) => Math.ceil(bytes / 3) * 4 },
};

type CarriedPart = keyof CarriedParts | "signature";
type Proof = { readonly [Part in CarriedPart]?: readonly string[] };

/** The parts that travel in headers of their own, in the order in which signing adds them, with what each may be. */
function carriersOf({ timestamp, nonce, keyId, signature, algorithm, encoding }: TemplateOptions) {
  const { pattern, lengthOf } = ENCODINGS[encoding];
  const length = lengthOf(MAC_LENGTHS[algorithm]);
  // biome-ignore format: one row a part
  const rows: [CarriedPart, Carrier | string | undefined, ValueGrammar][] = [
    ["timestamp", timestamp, { minLength: 10, maxLength: 20, pattern: /^[0-9TZ:-]+$/, expected: TIMESTAMP_FORMATS[timestamp?.format ?? "unix"].expected }],
    ["nonce", nonce, { minLength: 1, maxLength: 256, pattern: /^[A-Za-z0-9_-]+$/, expected: "1 to 256 characters A-Z a-z 0-9 _ -, exactly once" }],
    ["keyId", keyId, { minLength: 1, maxLength: 128, pattern: /^[A-Za-z0-9._-]+$/, expected: "1 to 128 characters A-Z a-z 0-9 . _ -, exactly once" }],
    ["signature", signature, { minLength: length, maxLength: length, pattern, expected: `${algorithm} in ${encoding}`, maxValues: MAX_SIGNATURES }],
  ];
  return rows.flatMap(([part, carrier, grammar]) => (typeof carrier === "object" ? [{ part, carrier, grammar }] : []));
}

/**
 * Compiles a profile; it keeps no state and serves any number of keys. It verifies exactly what its segments cover: a
 * profile without `target` verifies at any path.
 *
 * @example
 * const profile = templateProfile({
 *   name: "orders-webhook",
 *   segments: [{ kind: "literal", text: "v0" }, { kind: "timestamp" }, { kind: "body" }],
 *   delimiter: ":",
 *   algorithm: "hmac-sha256",
 *   encoding: "hex",
 *   signature: { header: "X-Signature", prefix: "v0=" },
 *   timestamp: { header: "X-Timestamp" },
 * });
 * const key = { id: "default", secret: new SecretValue("canary-signing-key-1") };
 * const message = { method: "POST", authority: "hooks.example", target: "/", headers: [], body: Buffer.from("{}") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "" });
 * const verified = profile.verify({ ...message, headers: proof }, () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when the template is unsound, or weak and does not say so; the message names the part
 */
export function templateProfile(options: TemplateOptions): SigningProfile {
  checkTemplate(options);
  const { name, algorithm, encoding, segments, delimiter = "", windowSeconds = 300 } = options;
  const format = options.timestamp?.format ?? "unix";
  const fixedKeyId = typeof options.keyId === "object" ? undefined : (options.keyId ?? "default");
  const windowMs = windowSeconds * 1000;
  const hmacHash = algorithm.slice("hmac-".length);
  const carriers = carriersOf(options);
  const names = [...new Set(carriers.map(({ carrier }) => carrier.header.toLowerCase()))];
  const readHeaders = headerReader(names);
  const readers = segments.flatMap((segment) => [pieceReader({ kind: "literal", text: delimiter }), pieceReader(segment)]).slice(1);

  function readProof(headers: HeaderList): Proof | Denial {
    const fields = readHeaders(headers);
    if (fields.every((field) => field === undefined)) return deny("PROOF_MISSING", { expected: names });
    const proof: { [Part in CarriedPart]?: string[] } = {};
    for (const { part, carrier, grammar } of carriers) {
      const values = carriedValues(carrier, fields[names.indexOf(carrier.header.toLowerCase())], grammar);
      if (!Array.isArray(values)) return values;
      proof[part] = values;
    }
    return proof;
  }

  function baseOf(message: SignableMessage, carried: CarriedParts): Piece[] | Denial {
    const pieces: Piece[] = [];
    for (const read of readers) {
      const piece = read(message, carried);
      if (typeof piece !== "string" && isDenial(piece)) return piece;
      pieces.push(piece);
    }
    return pieces;
  }

  function macOf(base: readonly Piece[], keyBytes: Uint8Array): string {
    const mac = createHmac(hmacHash, keyBytes);
    for (const piece of base) mac.update(piece);
    return mac.digest(encoding);
  }

  return {
    sign(message, key, at) {
      const taken = readHeaders(message.headers).findIndex((field) => field !== undefined);
      if (taken >= 0) throw invalidInput({ part: names[taken], expected: "no such header, signing adds it" });
      const keyBytes = decodeSecret(key.secret, options.secret);
      if (isDenial(keyBytes)) throw new SallyportError(keyBytes.denied, { ...keyBytes.details, keyId: key.id });
      const parts = {
        timestamp: (Number.isInteger(at.timestampSeconds) && formatTimestamp(format, at.timestampSeconds * 1000)) || "",
        nonce: at.nonce,
        keyId: key.id,
        signature: "",
      };
      for (const { part, carrier, grammar } of carriers) {
        const wrong = part !== "signature" && carriedValues({ header: carrier.header }, parts[part], grammar);
        if (wrong && !Array.isArray(wrong)) throw invalidInput(wrong.details);
      }
      const base = baseOf(message, parts);
      if (!Array.isArray(base)) throw invalidInput(base.details);
      parts.signature = macOf(base, keyBytes);
      return carry(carriers.map(({ part, carrier }) => [carrier, parts[part]]));
    },

    verify(message, keyFor, now) {
      const proof = readProof(message.headers);
      if ("denied" in proof) return proof as Denial;
      const { timestamp: [timestamp = ""] = [], nonce: [nonce = ""] = [], keyId: [keyId = fixedKeyId!] = [], signature = [] } = proof;
      // Without a signed time, a message is as old as its arrival.
      const timestampMs = options.timestamp ? parseTimestamp(format, timestamp) : now;
      if (timestampMs === undefined) {
        return deny("PROOF_MALFORMED", { part: "timestamp", expected: TIMESTAMP_FORMATS[format].expected });
      }

      const secret = keyFor(keyId);
      const keyBytes = decodeSecret(secret ?? STAND_IN_SECRET, secret && options.secret);
      const fresh = Math.abs(now - timestampMs) <= windowMs; // false for a clock that is NaN
      const base = fresh ? baseOf(message, { timestamp, nonce, keyId }) : [];
      if (!Array.isArray(base)) return base;
      const expected = Buffer.from(fresh && !isDenial(keyBytes) ? macOf(base, keyBytes) : "", "latin1");
      let matches = false;
      for (const candidate of signature) matches = equalBytes(Buffer.from(candidate, "latin1"), expected) || matches;

      if (secret === undefined) return deny("CALLER_UNKNOWN", { expected: "the id of a key of this profile", keyId });
      if (isDenial(keyBytes)) return deny(keyBytes.denied, { ...keyBytes.details, keyId });
      const timestampSeconds = Math.floor(timestampMs / 1000);
      if (!fresh) {
        const details = { part: "timestamp", expected: `at most ${windowSeconds} s from the clock`, keyId, timestampSeconds, now };
        return deny("TIMESTAMP_OUTSIDE_WINDOW", details);
      }
      if (!matches) return deny("SIGNATURE_INVALID", { part: "signature", expected: `${algorithm} of the ${name} base`, keyId });
      const digest = createHash("sha256");
      for (const piece of base) digest.update(piece);
      // The time of an arrival is in no claim: every copy of the message would have its own.
      const claim = `${options.timestamp ? timestampSeconds : 0}:${name}:${keyId}:${digest.digest("hex")}`;
      return { keyId, claim, timestampSeconds, expiresAtMs: timestampMs + windowMs };
    },
  };
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
