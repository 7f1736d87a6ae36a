/**
 * The value of a derived component in the base (RFC 9421 section 2.2), from the raw pieces of a request: nothing is decoded,
 * no dot segment resolved, so what is signed is what is sent. Derived from origin-form targets, but for `@request-target`.
 */
import type { SignableMessage } from "../message.js";

/** @returns undefined when the request has no such component, or has it in two readings */
type Derive = (request: SignableMessage, scheme: Scheme, queryName: string) => string | undefined;

export type Scheme = "https" | "http";

const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}$/;
const VISIBLE = /^[\x21-\x7e]+$/;
const DEFAULT_PORTS = { https: /:443$/, http: /:80$/ };

const authorityOf = ({ authority }: SignableMessage, scheme: Scheme): string | undefined =>
  VISIBLE.test(authority) ? authority.toLowerCase().replace(DEFAULT_PORTS[scheme], "") : undefined;

const originForm = ({ target }: SignableMessage): string | undefined =>
  target.startsWith("/") && VISIBLE.test(target) && !target.includes("#") ? target : undefined;

const queryOf = (request: SignableMessage): string | undefined => {
  const target = originForm(request);
  return target && (target.includes("?") ? target.slice(target.indexOf("?")) : "?");
};

export const DERIVE: Readonly<Record<string, Derive>> = {
  "@method": ({ method }) => (METHOD.test(method) ? method : undefined),
  "@authority": authorityOf,
  "@scheme": (_, scheme) => scheme,
  "@target-uri": (request, scheme) => {
    const [authority, target] = [authorityOf(request, scheme), originForm(request)];
    return authority && target && `${scheme}://${authority}${target}`;
  },
  "@request-target": ({ target }) => (VISIBLE.test(target) ? target : undefined),
  "@path": (request) => originForm(request)?.split("?", 1)[0],
  "@query": queryOf,
  "@query-param": (request, _, queryName) => {
    const query = queryOf(request);
    return query === undefined ? undefined : queryValue(query.slice(1), queryName);
  },
};

/** Section 2.2.8. A name that occurs twice is refused there; so is here an escape that is broken or not UTF-8. */
function queryValue(query: string, queryName: string): string | undefined {
  try {
    const values: string[] = [];
    for (const pair of query.split("&")) {
      const mark = pair.indexOf("=");
      const name = mark < 0 ? pair : pair.slice(0, mark);
      if (pair !== "" && formEncoded(name) === queryName) values.push(mark < 0 ? "" : formEncoded(pair.slice(mark + 1)));
    }
    return values.length === 1 ? values[0] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Decoded as a form and encoded again, a space as `%20`. `encodeURIComponent` leaves five characters that the form encoding
 * does not.
 */
const formEncoded = (text: string): string =>
  encodeURIComponent(decodeURIComponent(text.replaceAll("+", "%20"))).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
