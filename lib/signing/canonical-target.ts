/**
 * The one spelling of a request target that both ends of an API Gateway REST API can compute. The gateway keeps neither
 * the raw query nor its order, so a signature over the raw target could not be verified behind it. Path: canonical as
 * `parseTarget` makes it, without stage or base path. Query: pairs in RFC 3986 percent-encoding, sorted by name, then value.
 */
import { isDenial, SallyportError } from "../errors.js";
import { parseTarget, queryPairs } from "../http/target.js";
import { invalidInput } from "./invalid-input.js";

export type QueryPair = readonly [name: string, value: string];

/**
 * What a caller sends and signs as its target. A `+` in the query is a space, as in a form; `a` is `a=`; an empty query
 * is none. A target that is canonical already stays as it is.
 *
 * @example canonicalTarget("/stripe/v1/charges?starting_after=ch_1&limit=3") // "/stripe/v1/charges?limit=3&starting_after=ch_1"
 * @throws {REQUEST_MALFORMED | HEADERS_TOO_LARGE | TARGET_AMBIGUOUS} when the door would refuse the target
 */
export function canonicalTarget(rawTarget: string): string {
  const parsed = parseTarget(rawTarget);
  if (isDenial(parsed)) throw new SallyportError(parsed.denied, parsed.details);
  return formatTarget(parsed.path, queryPairs((parsed.query ?? "").replaceAll("+", "%20")));
}

/**
 * A raw target without what API Gateway takes off its front.
 *
 * @param front stage or base path, such as `/prod`; may be empty
 * @throws {INPUT_INVALID} when the target is not below it
 */
export function targetBelow(front: string, rawTarget: string): string {
  if (rawTarget.startsWith(`${front}/`)) return rawTarget.slice(front.length);
  throw invalidInput({ part: "target", expected: `a path below ${front}` });
}

/**
 * @param path canonical
 * @param pairs decoded
 * @throws URIError on a lone surrogate
 */
export function formatTarget(path: string, pairs: readonly QueryPair[]): string {
  const encoded = pairs.map(([name, value]): QueryPair => [encode(name), encode(value)]).sort(byNameThenValue);
  return encoded.length === 0 ? path : `${path}?${encoded.map((pair) => pair.join("=")).join("&")}`;
}

/** `encodeURIComponent` leaves five characters that RFC 3986 reserves. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const byNameThenValue = ([name, value]: QueryPair, [otherName, otherValue]: QueryPair): number =>
  compare(name, otherName) || compare(value, otherValue);

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
