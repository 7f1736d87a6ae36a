/**
 * 2. One canonical request from the raw message. What can be read in two ways is refused, not repaired, so that the
 * request that is judged is the request that is sent. (THREATS 1, 8, 10, 11)
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import { DUPLICATE, equivalentName, type HeaderList, isHeaderName, isHeaderValue, singleHeader } from "../../http/headers.js";
import { type ParsedTarget, parseTarget } from "../../http/target.js";
import type { IncomingMessage } from "../message.js";
import type { Bounded } from "./bound.js";

export interface Parsed {
  /** The value of the one Host header, in lower case. */
  readonly authority: string;
  readonly parsedTarget: ParsedTarget;
}

const METHOD = /^[A-Z]{3,20}$/;
const AUTHORITY = /^[a-z0-9.:[\]_-]{1,260}$/;
/** Methods that open a tunnel or echo the request, credential and all. */
const REFUSED_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Whether a door takes requests of this method. */
export const isMethod = (text: string): boolean => METHOD.test(text) && !REFUSED_METHODS.has(text);

export function parse({ method, target, headers }: IncomingMessage & Bounded): Parsed | Denial {
  if (!isMethod(method)) return deny("REQUEST_MALFORMED", { what: "the method", method });
  const malformed = malformedHeader(headers);
  if (malformed !== undefined) return deny("REQUEST_MALFORMED", { what: malformed });
  if (singleHeader(headers, "upgrade") !== undefined) return deny("UPGRADE_REFUSED");
  const expectation = singleHeader(headers, "expect");
  if (expectation !== undefined && !(typeof expectation === "string" && /^100-continue$/i.test(expectation))) {
    return deny("REQUEST_MALFORMED", { what: "an expectation other than 100-continue" });
  }
  const host = singleHeader(headers, "host");
  const authority = typeof host === "string" ? host.toLowerCase() : "";
  if (!AUTHORITY.test(authority))
    return deny("REQUEST_MALFORMED", { what: "there must be exactly one Host header with a name and an optional port" });
  const parsedTarget = parseTarget(target);
  return isDenial(parsedTarget) ? parsedTarget : { authority, parsedTarget };
}

/** What frames and types the body must be said once and in one way; nobody may spell a framing header in a way of his own. */
function malformedHeader(headers: HeaderList): string | undefined {
  for (const [name, value] of headers) {
    if (!isHeaderName(name)) return "a header name that is not a token";
    if (!isHeaderValue(value)) return `the value of the header ${name} holds a control or non-ASCII character`;
    const equivalent = equivalentName(name);
    if (FRAMING.has(equivalent) && equivalent !== name.toLowerCase()) return `the header ${name} imitates ${equivalent}`;
  }
  const length = singleHeader(headers, "content-length");
  const coding = singleHeader(headers, "transfer-encoding");
  if (length === DUPLICATE || coding === DUPLICATE) return "the body's length is told twice";
  if (singleHeader(headers, "content-type") === DUPLICATE) return "the body's type is told twice";
  if (length !== undefined && coding !== undefined) return "Content-Length and Transfer-Encoding stand together";
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return "Content-Length is not a number";
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return "a transfer coding other than chunked";
  return undefined;
}

const FRAMING = new Set(["host", "content-length", "transfer-encoding", "connection"]);
