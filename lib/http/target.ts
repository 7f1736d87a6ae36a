/**
 * The request target: read once into the one path that is judged and sent. A target that an upstream could read in
 * another way (dot segments, encoded slashes, path parameters, double encoding, overlong UTF-8, control characters) is
 * refused, never repaired, so that no path escapes its grant. RFC 9112 section 3.2.1, RFC 3986 sections 3.3 and 6.2.2.
 */
import { unescape as percentDecode } from "node:querystring";
import { type Denial, deny } from "../errors.js";

export interface ParsedTarget {
  /** As it arrived. */
  readonly raw: string;
  /** Canonical: begins with `/`, unreserved characters decoded, every other escape kept with upper-case digits. */
  readonly path: string;
  /** The canonical path after its leading slash, cut at slashes: `/` is `[""]`, `/a/` is `["a", ""]`. */
  readonly segments: readonly string[];
  /** As it arrived, without its `?`; undefined when there is none. */
  readonly query: string | undefined;
}

export const DEFAULT_MAX_TARGET_BYTES = 8192;

/** What makes a text ambiguous, in the order of judgement. Each pattern runs in linear time. */
type Ambiguities = readonly (readonly [what: string, pattern: RegExp])[];

const IN_TARGET: Ambiguities = [
  ["a fragment", /#/],
  ["a byte outside printable ASCII", /[^!-~]/],
  ["a broken percent escape", /%(?![0-9A-Fa-f]{2})/],
];

const IN_CANONICAL_PATH: Ambiguities = [
  ["an encoded slash", /%2F/],
  ["a backslash", /\\|%5C/],
  ["a semicolon", /;|%3B/],
  ["a control character", /%[01]|%7F|%C2%[89]/],
  ["double encoding", /%25[0-9A-Fa-f]{2}/],
  ["a dot segment", /\/\.{1,2}(?=\/|$)/],
];

const IN_QUERY: Ambiguities = [["a NUL or line break", /%0[0AaDd]/]];

/** What most calls look like, and nothing in it to decode or refuse: unreserved characters, no dot segment, a simple query. */
const PLAIN_TARGET = /^(?:\/(?!\.{1,2}(?:[/?]|$))[\w.~-]*)+(?:\?[\w.~&=-]*)?$/;
const UNRESERVED = /[\w.~-]/;

/**
 * @param raw the target of the request line, one character a byte
 * @param maxBytes default 8,192
 * @returns a denial REQUEST_MALFORMED unless in origin-form, HEADERS_TOO_LARGE, or TARGET_AMBIGUOUS saying what was found
 * and where: `at` is an offset in the target, or in the canonical path or the query when `in` says so
 */
export function parseTarget(raw: string, maxBytes: number = DEFAULT_MAX_TARGET_BYTES): ParsedTarget | Denial {
  if (raw.length > maxBytes) return deny("HEADERS_TOO_LARGE", { what: "target", bytes: raw.length, maxBytes });
  if (!raw.startsWith("/")) return deny("REQUEST_MALFORMED", { what: "a target that is not in origin-form" });

  const mark = raw.indexOf("?");
  const rawPath = mark < 0 ? raw : raw.slice(0, mark);
  const query = mark < 0 ? undefined : raw.slice(mark + 1);
  const path = canonicalPath(rawPath);
  const target = { raw, path, segments: path.slice(1).split("/"), query };
  if (PLAIN_TARGET.test(raw)) return target;
  return (
    ambiguity("target", raw, IN_TARGET) ??
    ambiguity("path", path, IN_CANONICAL_PATH) ??
    brokenUtf8(path) ??
    ambiguity("query", query ?? "", IN_QUERY) ??
    target
  );
}

function canonicalPath(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return UNRESERVED.test(character) ? character : triplet.toUpperCase();
  });
}

function ambiguity(part: "target" | "path" | "query", text: string, ambiguities: Ambiguities): Denial | undefined {
  for (const [what, pattern] of ambiguities) {
    const at = text.search(pattern);
    if (at >= 0) return deny("TARGET_AMBIGUOUS", { what, in: part, at });
  }
  return undefined;
}

/** Overlong forms, surrogates and stray bytes. */
function brokenUtf8(path: string): Denial | undefined {
  try {
    decodeURIComponent(path);
    return undefined;
  } catch {
    return deny("TARGET_AMBIGUOUS", { what: "an escape that is not UTF-8", in: "path" });
  }
}

/** Name and value of each pair, percent-decoded; `+` stays `+`, bytes that are not UTF-8 become U+FFFD. Empty pairs are left out. */
export function queryPairs(query: string): readonly (readonly [name: string, value: string])[] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [percentDecode(pair), ""] : [percentDecode(pair.slice(0, equals)), percentDecode(pair.slice(equals + 1))];
    });
}

/**
 * The query without any pair that an upstream could take for `name`: names are compared without case, percent-decoded, `+`
 * as a space; a pair is dropped whole when an upstream that also cuts at `;` would find the name in it. The others stay verbatim.
 */
export function withoutQueryParameter(query: string, name: string): string {
  const wanted = name.toLowerCase();
  const nameOf = (pair: string) => percentDecode(pair.split("=", 1)[0]!.replaceAll("+", " ")).toLowerCase();
  return query
    .split("&")
    .filter((pair) => !pair.split(";").map(nameOf).includes(wanted))
    .join("&");
}
