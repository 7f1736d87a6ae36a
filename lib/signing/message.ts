/**
 * What is signed: the raw pieces of one HTTP request. Never a URL or a header object, which rewrite dot segments and
 * escapes, merge duplicates and reorder, so that the signature would cover another request than the one that is sent.
 */
import { hash } from "node:crypto";
import { invalidInput } from "./invalid-input.js";

/** One header field as it stands on the wire. */
export type Header = readonly [name: string, value: string];

/** Header fields in wire order, duplicates kept. */
export type HeaderList = readonly Header[];

export interface SignableMessage {
  /** As sent; methods are case-sensitive. */
  readonly method: string;
  /** Value of the `Host` header as sent, e.g. `api.partner.example` or `api.partner.example:8443`. */
  readonly authority: string;
  /** The raw request target, query included: `/v2/orders?page=2`. */
  readonly target: string;
  readonly headers: HeaderList;
  /** What came behind the body; only a profile that covers trailers reads them. */
  readonly trailers?: HeaderList;
  /** The exact body bytes, or the hash of a body that was already read: 64 lower-case hexadecimal digits. */
  readonly body: Uint8Array | { readonly sha256Hex: string };
}

/**
 * Compiles a reader of named headers: their values in the order of the names, undefined where absent. Several fields of
 * one name are joined by LF, which no header value may hold: whoever checks a value refuses duplicates in the same step.
 *
 * @param names in lower case
 */
export function headerReader(names: readonly string[]): (headers: HeaderList) => (string | undefined)[] {
  const lengths: boolean[] = [];
  for (const { length } of names) lengths[length] = true;
  return (headers) => {
    const values: (string | undefined)[] = names.map(() => undefined);
    for (const [field, value] of headers) {
      if (!lengths[field.length]) continue;
      const index = names.indexOf(field.toLowerCase());
      if (index >= 0) values[index] = values[index] === undefined ? value : `${values[index]}\n${value}`;
    }
    return values;
  };
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** @throws {INPUT_INVALID} when a precomputed hash is not 64 lower-case hexadecimal digits */
export function bodySha256Hex(body: SignableMessage["body"]): string {
  if (!("sha256Hex" in body)) return hash("sha256", body, "hex");
  if (SHA256_HEX.test(body.sha256Hex)) return body.sha256Hex;
  throw invalidInput({ part: "body.sha256Hex", expected: "64 lower-case hexadecimal digits" });
}
