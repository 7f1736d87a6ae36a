/**
 * The canonical request: what a SigV4 signature covers. Path, query and headers are made into one spelling, so that both
 * ends see the same text; header values hold no line break, so that none can forge a line.
 * Source: AWS, "Create a signed AWS API request", step 1; S3, "Authorization header" (path).
 */
import { type Denial, deny } from "../../errors.js";
import { isHeaderName, isHeaderValue } from "../../http/headers.js";
import type { QueryPair } from "../canonical-target.js";
import type { HeaderList } from "../message.js";
import { uriDecode, uriEncode } from "./uri-encoding.js";

/** How a raw path becomes canonical: S3 encodes once and keeps dot segments and doubled slashes, which name other objects there. */
export type PathRule = "normalized" | "s3";

const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*\/?$/;

/** @returns undefined when an escape is broken or not UTF-8 (S3 only: elsewhere an escape is text to encode) */
export function canonicalPath(path: string, rule: PathRule): string | undefined {
  if (PLAIN_PATH.test(path)) return path || "/";
  const plain = rule === "s3" ? uriDecode(path) : withoutDotSegments(path);
  return plain?.split("/").map(uriEncode).join("/");
}

/** Whether another path has the same canonical form: then the signature does not say which of them was meant. */
export const isAmbiguousPath = (path: string, rule: PathRule): boolean =>
  rule === "s3" ? /%2f/i.test(path) : path !== withoutDotSegments(path);

/** RFC 3986 section 5.2.4 without empty segments; as in AWS's own code, the last slash stays only where the raw path ends in one. */
export function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept.length === 0 ? "/" : `/${kept.join("/")}${path.endsWith("/") ? "/" : ""}`;
}

/** @param pairs decoded */
export function canonicalQuery(pairs: readonly QueryPair[]): string {
  return pairs
    .map(([name, value]): QueryPair => [uriEncode(name), uriEncode(value)])
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * The decoded pairs of a raw query; `a` is `a=`, empty pairs are left out.
 *
 * @returns undefined when a pair can be read in two ways: `+` (a plus, or a space), escapes that are broken or not UTF-8
 */
export function queryPairs(query: string): QueryPair[] | undefined {
  if (query.includes("+")) return undefined;
  const pairs: QueryPair[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = uriDecode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : uriDecode(pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

export interface CanonicalHeaders {
  /** `name:value`, each with its line break. */
  readonly lines: string;
  /** The names, joined by semicolons. */
  readonly signedHeaders: string;
}

const WHITE_SPACE = /[\t ]/;

/**
 * Sorted by name, values of one name joined by commas in their order, runs of white space made one space.
 *
 * @param headers names in lower case
 * @returns a denial PROOF_MALFORMED for a name or value that could forge a line, or has two encodings
 */
export function canonicalHeaders(headers: HeaderList): CanonicalHeaders | Denial {
  let lines = "";
  let signedHeaders = "";
  let last = "";
  for (const [name, raw] of headers.toSorted(([name], [other]) => compare(name, other))) {
    if (!isHeaderName(name)) return deny("PROOF_MALFORMED", { part: "headers", expected: "names that are tokens" });
    if (!isHeaderValue(raw)) return deny("PROOF_MALFORMED", { part: name, expected: "printable ASCII characters in one line" });
    const value = WHITE_SPACE.test(raw) ? raw.replace(/[\t ]+/g, " ").trim() : raw;
    lines += name === last ? `,${value}` : `${lines && "\n"}${name}:${value}`;
    if (name !== last) signedHeaders += `${signedHeaders && ";"}${name}`;
    last = name;
  }
  return { lines: `${lines}\n`, signedHeaders };
}

export interface CanonicalParts {
  readonly method: string;
  /** Canonical. */
  readonly path: string;
  readonly query: readonly QueryPair[];
  readonly headers: CanonicalHeaders;
  /** The body's SHA-256 in hex, or the words that stand for a body that is not hashed. */
  readonly payloadHash: string;
}

export const canonicalRequest = ({ method, path, query, headers, payloadHash }: CanonicalParts): string =>
  `${method}\n${path}\n${canonicalQuery(query)}\n${headers.lines}\n${headers.signedHeaders}\n${payloadHash}`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
