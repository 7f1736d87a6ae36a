/**
 * What both ends ask of a request before they sign or verify it. Whatever has two readings is refused: the signature would
 * not say which of them was meant.
 */
import { hash } from "node:crypto";
import { type Denial, deny } from "../../errors.js";
import type { QueryPair } from "../canonical-target.js";
import { malformedPart } from "../hmac-base.js";
import type { SignableMessage } from "../message.js";
import { canonicalPath, type PathRule, queryPairs } from "./canonical-request.js";

/** The refusal of a message that cannot be sent as it stands; undefined when it can. */
export function malformedMessage(message: SignableMessage): Denial | undefined {
  for (const part of ["method", "authority", "target"] as const) {
    const malformed = malformedPart(part, message[part]);
    if (malformed) return malformed;
  }
  if (!message.target.startsWith("/") || message.target.includes("#")) {
    return deny("PROOF_MALFORMED", { part: "target", expected: "a path and perhaps a query" });
  }
  for (const [name, value] of message.headers) {
    if (name.length === 4 && name.toLowerCase() === "host" && value !== message.authority) {
      return deny("PROOF_MALFORMED", { part: "host", expected: "the authority of the message" });
    }
  }
  return undefined;
}

export interface CanonicalTarget {
  readonly path: string;
  readonly pairs: readonly QueryPair[];
}

/** At its first question mark. */
export function cutTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** @returns a denial PROOF_MALFORMED for what can be read in two ways */
export function readTarget(target: string, rule: PathRule): CanonicalTarget | Denial {
  const [rawPath, query] = cutTarget(target);
  const path = canonicalPath(rawPath, rule);
  const pairs = queryPairs(query);
  if (path !== undefined && pairs !== undefined) return { path, pairs };
  return deny("PROOF_MALFORMED", { part: "target", expected: "escapes of UTF-8, in the query %20 for a space and %2B for a plus" });
}

export const stringToSign = (algorithm: string, date: string, scope: string, canonicalRequest: string): string =>
  `${algorithm}\n${date}\n${scope}\n${hash("sha256", canonicalRequest, "hex")}`;
