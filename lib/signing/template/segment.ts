/**
 * The segments that a template's base is made of, as data. Each knows which characters it can hold, so that a template is
 * refused when two requests could give one base (a variable segment that holds the delimiter), and a message when a piece
 * of it breaks its grammar.
 */
import { type Denial, deny } from "../../errors.js";
import { malformedPart } from "../hmac-base.js";
import { invalidInput } from "../invalid-input.js";
import { bodySha256Hex, headerReader, type SignableMessage } from "../message.js";
import { TIMESTAMP_FORMATS, type TimestampFormatName } from "./timestamp-format.js";
import { urlWithForm } from "./url-with-form.js";

export type Segment =
  /** The same characters in every request. */
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "method" | "authority" }
  /** The raw request target; the part of it before `?`; the part behind, without `?`, empty when absent. */
  | { readonly kind: "target" | "path" | "query" }
  /** One header's value, empty when absent; several fields of the name are refused. */
  | { readonly kind: "header"; readonly name: string }
  /** The text as it is carried, see `TemplateOptions`. */
  | { readonly kind: "timestamp" | "nonce" | "key-id" }
  /** The exact bytes. A profile with it cannot verify a body that is known by its hash only. */
  | { readonly kind: "body" }
  | { readonly kind: "body-sha256"; readonly encoding: "hex" | "base64" }
  /**
   * Scheme, authority and target as one URL, then the pairs of a form body, sorted, nothing between them. A body that is
   * no form must be named by its hash, in hex, in this query parameter.
   */
  | { readonly kind: "url-with-form"; readonly scheme: "https" | "http"; readonly bodySha256Parameter: string };

/** What a base is made of besides the message, in the grammar of its carrier. */
export interface CarriedParts {
  readonly timestamp: string;
  readonly nonce: string;
  readonly keyId: string;
}

export type Piece = string | Uint8Array;
export type PieceReader = (message: SignableMessage, carried: CarriedParts) => Piece | Denial;

type Compilers = { readonly [Kind in Segment["kind"]]: (segment: Extract<Segment, { kind: Kind }>) => PieceReader };

const COMPILERS: Compilers = {
  literal:
    ({ text }) =>
    () =>
      text,
  method: () => ofMessage("method"),
  authority: () => ofMessage("authority"),
  target: () => ofMessage("target"),
  path: () => ofMessage("target", (target) => target.split("?", 1)[0]!),
  query: () => ofMessage("target", (target) => (target.includes("?") ? target.slice(target.indexOf("?") + 1) : "")),
  header: ({ name }) => ofHeader(name.toLowerCase()),
  timestamp:
    () =>
    (_, { timestamp }) =>
      timestamp,
  nonce:
    () =>
    (_, { nonce }) =>
      nonce,
  "key-id":
    () =>
    (_, { keyId }) =>
      keyId,
  body: () => bodyBytes,
  "body-sha256":
    ({ encoding }) =>
    ({ body }) =>
      encoding === "hex" ? bodySha256Hex(body) : Buffer.from(bodySha256Hex(body), "hex").toString("base64"),
  "url-with-form":
    ({ scheme, bodySha256Parameter }) =>
    (message) =>
      malformedPart("authority", message.authority) ??
      malformedPart("target", message.target) ??
      urlWithForm(message, bodyBytes(message), scheme, bodySha256Parameter),
};

export const SEGMENT_KINDS: ReadonlySet<string> = new Set(Object.keys(COMPILERS));

/** Compiles one segment: the function reads its piece, or refuses one that breaks its grammar. */
export const pieceReader = (segment: Segment): PieceReader => (COMPILERS[segment.kind] as (segment: Segment) => PieceReader)(segment);

const ofMessage =
  (part: "method" | "authority" | "target", cut = (value: string) => value): PieceReader =>
  (message) =>
    malformedPart(part, message[part]) ?? cut(message[part]);

const HEADER_VALUE = /^[\x20-\x7e]*$/;

function ofHeader(name: string): PieceReader {
  const readHeader = headerReader([name]);
  return ({ headers }) => {
    const [value = ""] = readHeader(headers);
    if (value.length <= 8192 && HEADER_VALUE.test(value)) return value;
    return deny("PROOF_MALFORMED", { part: name, expected: "at most 8192 printable ASCII characters, at most once" });
  };
}

function bodyBytes({ body }: SignableMessage): Uint8Array {
  if (!("sha256Hex" in body)) return body;
  throw invalidInput({ part: "body", expected: "its bytes, for the profile signs them and not their hash" });
}

/** Every character that a piece can hold, where its length varies. */
const ALPHABETS: { readonly [Kind in Exclude<Segment["kind"], "literal" | "timestamp" | "body-sha256">]: RegExp } = {
  method: /[A-Za-z0-9!#$%&'*+.^_`|~-]/,
  authority: /[\x21-\x7e]/,
  target: /[\x21-\x7e]/,
  path: /[\x21-\x3e\x40-\x7e]/,
  query: /[\x21-\x7e]/,
  header: /[\x20-\x7e]/,
  nonce: /[A-Za-z0-9_-]/,
  "key-id": /[A-Za-z0-9._-]/,
  body: /[\s\S]/,
  "url-with-form": /[\s\S]/,
};

/** Whether what stands in this segment could move its end. With no delimiter, anything that varies in length could. */
export function couldHold({ kind }: Segment, delimiter: string, format: TimestampFormatName): boolean {
  if (kind === "literal" || kind === "body-sha256") return false;
  const alphabet = kind === "timestamp" ? TIMESTAMP_FORMATS[format].alphabet : ALPHABETS[kind];
  return delimiter === "" || alphabet.test(delimiter);
}
