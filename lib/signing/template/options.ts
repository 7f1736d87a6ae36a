/**
 * A template as data, and what makes one unsound. A template is refused when it is made: one whose base two different
 * requests could share, one that carries a timestamp it does not sign, and a weak one that does not say so.
 */
import { invalidInput } from "../invalid-input.js";
import type { Carrier } from "./carrier.js";
import { couldHold, SEGMENT_KINDS, type Segment } from "./segment.js";
import { TIMESTAMP_FORMATS, type TimestampFormatName } from "./timestamp-format.js";

export interface TemplateOptions {
  /** Stands in every claim, so that no two profiles share one: 1 to 128 characters A-Z a-z 0-9 . _ -. */
  readonly name: string;
  /** The base, in order. */
  readonly segments: readonly Segment[];
  /** What stands between two segments. Default: nothing. */
  readonly delimiter?: string;
  readonly algorithm: keyof typeof MAC_LENGTHS;
  /** How the MAC is written. Hexadecimal digits are lower-case. */
  readonly encoding: "hex" | "base64";
  readonly signature: Carrier;
  /** Default format `unix`: whole seconds. Without a timestamp a profile is weak: nothing in it ever gets old. */
  readonly timestamp?: Carrier & { readonly format?: TimestampFormatName };
  /** 1 to 256 characters A-Z a-z 0-9 _ -. */
  readonly nonce?: Carrier;
  /** Where the key's id is carried: 1 to 128 characters A-Z a-z 0-9 . _ -. Or, as text, the one id that goes to `keyFor`. Default `default`. */
  readonly keyId?: Carrier | string;
  /** How a secret's text becomes the key: as it stands, or as base64 behind a prefix (`whsec_`). Default: as it stands. */
  readonly secret?: { readonly prefix: string; readonly encoding: "base64" };
  /** How far the signed timestamp may lie from the verifier's clock, either way: 1 to 86400. Default 300. */
  readonly windowSeconds?: number;
  /** Must be said by a profile with SHA-1, without a timestamp, or without the body, and by no other. */
  readonly weak?: true;
}

/** In bytes. */
export const MAC_LENGTHS = { "hmac-sha256": 32, "hmac-sha512": 64, "hmac-sha1": 20 } as const;

/** Why a profile with these options is weak; empty when it is not. */
export function templateWeaknesses({ algorithm, timestamp, segments }: TemplateOptions): string[] {
  const kinds = segments.map(({ kind }) => kind);
  return [
    ...(algorithm === "hmac-sha1" ? ["SHA-1"] : []),
    ...(timestamp === undefined ? ["no freshness"] : []),
    ...(kinds.some((kind) => BODY_KINDS.has(kind)) ? [] : ["the body is not covered"]),
  ];
}

const BODY_KINDS = new Set<Segment["kind"]>(["body", "body-sha256", "url-with-form"]);
const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** No prefix holds what separates, or a line break. */
const PREFIX = /^[\x21-\x7e]{0,32}$/;

const carriersOf = ({ timestamp, nonce, keyId, signature }: TemplateOptions): Record<string, Carrier> =>
  Object.fromEntries(
    Object.entries({ timestamp, nonce, keyId, signature }).filter((entry): entry is [string, Carrier] => typeof entry[1] === "object"),
  );

/** The carried parts that must be signed, and the segment that signs each. */
const COVERED_BY = { timestamp: "timestamp", nonce: "nonce", keyId: "key-id" } as const;

/** @throws {INPUT_INVALID} naming the first part that is unsound, and why */
export function checkTemplate(options: TemplateOptions): void {
  const { name, algorithm, encoding, segments, delimiter = "", keyId = "default", timestamp, windowSeconds = 300, weak } = options;
  const refuse = (part: string, expected: string) => {
    throw invalidInput({ part, expected });
  };
  if (!NAME.test(name)) refuse("name", "1 to 128 characters A-Z a-z 0-9 . _ -");
  if (typeof keyId === "string" && !NAME.test(keyId)) refuse("keyId", "1 to 128 characters A-Z a-z 0-9 . _ -");
  if (!Object.hasOwn(MAC_LENGTHS, algorithm)) refuse("algorithm", Object.keys(MAC_LENGTHS).join(", "));
  if (encoding !== "hex" && encoding !== "base64") refuse("encoding", "hex or base64");
  if (timestamp && !Object.hasOwn(TIMESTAMP_FORMATS, timestamp.format ?? "unix")) {
    refuse("timestamp.format", Object.keys(TIMESTAMP_FORMATS).join(", "));
  }
  if (!(Number.isInteger(windowSeconds) && windowSeconds >= 1 && windowSeconds <= 86_400)) {
    refuse("windowSeconds", "a whole number from 1 to 86400");
  }
  checkCarriers(carriersOf(options), refuse);
  if (segments.length === 0) refuse("segments", "at least one");
  for (const segment of segments) {
    if (!SEGMENT_KINDS.has(segment.kind)) refuse("segments", `known kinds: ${[...SEGMENT_KINDS].join(", ")}`);
    if (segment.kind === "header" && !HEADER_NAME.test(segment.name)) refuse("segments", "the name of a header");
  }

  for (const [part, kind] of Object.entries(COVERED_BY)) {
    const carried = typeof options[part as keyof typeof COVERED_BY] === "object";
    const covered = segments.some((segment) => segment.kind === kind);
    if (carried && !covered) refuse("segments", `a ${kind} segment, for ${part} is carried and would not be signed`);
    if (covered && !carried) refuse(part, "a carrier, for it is a segment of the base");
  }
  const open = segments.slice(0, -1).find((segment) => couldHold(segment, delimiter, timestamp?.format ?? "unix"));
  if (open) {
    const reason =
      delimiter === "" ? "nothing after it would tell where it ends" : `it could hold the delimiter ${JSON.stringify(delimiter)}`;
    refuse("segments", `${open.kind} to be last, or hashed: ${reason}`);
  }
  const weaknesses = templateWeaknesses(options);
  if (weaknesses.length > 0 && weak !== true) refuse("weak", `true, for the profile is weak: ${weaknesses.join(", ")}`);
  if (weaknesses.length === 0 && weak === true) refuse("weak", "nothing, for the profile is not weak");
}

function checkCarriers(carriers: Record<string, Carrier>, refuse: (part: string, expected: string) => void): void {
  const entries = Object.entries(carriers);
  for (const [part, { header, prefix = "", separator }] of entries) {
    if (!HEADER_NAME.test(header)) refuse(`${part}.header`, "the name of a header");
    if (!PREFIX.test(prefix)) refuse(`${part}.prefix`, "at most 32 visible ASCII characters");
    if (separator !== undefined && prefix.includes(separator)) refuse(`${part}.prefix`, "no separator in it");
    for (const [other, carrier] of entries) {
      if (other === part || carrier.header.toLowerCase() !== header.toLowerCase()) continue;
      if (separator === undefined || carrier.separator !== separator)
        refuse(`${part}.separator`, `one, the same as ${other}'s, in a shared header`);
      if (prefix.startsWith(carrier.prefix ?? "")) refuse(`${part}.prefix`, `one that ${other}'s does not begin`);
    }
  }
}
