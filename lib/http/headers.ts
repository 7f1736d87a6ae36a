/**
 * Headers as the list they arrive in, duplicates and spelling kept, and which of them may pass the door. A name that
 * frames the hop, points the call elsewhere, overrides what was judged or claims a source is dropped in every spelling
 * that some server would take for it. RFC 9110 sections 5 and 7.6.1.
 */

export type Header = readonly [name: string, value: string];
export type HeaderList = readonly Header[];

/** From Node's flat `rawHeaders`: name, value, name, value, … */
export function headerList(rawHeaders: readonly string[]): HeaderList {
  const list: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) list.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  return list;
}

/** All values of a header, in order. @param lowerName the name in lower case; only letter case is forgiven */
export function headerValues(list: HeaderList, lowerName: string): readonly string[] {
  const values: string[] = [];
  for (const [name, value] of list) {
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) values.push(value);
  }
  return values;
}

/** What {@link singleHeader} returns for a header that stands more than once: a symbol, so that no value can equal it. */
export const DUPLICATE: unique symbol = Symbol("duplicate header");

/** The value of a header that may stand once at most. @param lowerName the name in lower case */
export function singleHeader(list: HeaderList, lowerName: string): string | undefined | typeof DUPLICATE {
  const values = headerValues(list, lowerName);
  return values.length > 1 ? DUPLICATE : values[0];
}

/**
 * The one form of all names that some server takes for the same header: `X_API_Key ` and `x-api-key`. CGI and its heirs
 * fold letter case and turn every character that is neither letter nor digit into one (RFC 3875 section 4.1.18).
 */
export const equivalentName = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-");

/** Whether the text is a field name: a token of RFC 9110 section 5.6.2. */
export const isHeaderName = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);

/** Whether the text can be a field value: printable ASCII, space and tab. obs-text, CR, LF and NUL are refused. */
export const isHeaderValue = (text: string): boolean => /^[\t -~]*$/.test(text);

/** Names in the form of {@link equivalentName}; one that ends in `*` stands for all names that begin so. */
// biome-ignore format: a table
const DROPPED = {
  hopByHop: ["connection", "keep-alive", "proxy-*", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"],
  ours: ["sallyport-*"],
  destination: ["host", "x-host", "x-original-host", "x-http-host-override"],
  override: ["expect", "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-original-uri", "x-rewrite-url"],
  source: [
    "forwarded", "forwarded-for", "x-forwarded", "x-forwarded-*", "x-original-forwarded-for", "via",
    "client-ip", "true-client-ip", "fastly-client-ip", "wl-proxy-client-ip", "x-client-ip", "x-cluster-client-ip", "x-proxyuser-ip",
    "x-real-ip", "x-remote-ip", "x-remote-addr", "x-originating-ip", "x-appengine-user-ip", "x-azure-clientip", "x-azure-socketip",
    "cf-connecting-ip", "cf-connecting-ipv6", "cf-pseudo-ipv4", "cloudfront-viewer-address", "x-envoy-external-address",
  ],
} as const;

const namesLike = (patterns: readonly string[]): RegExp => new RegExp(`^(?:${patterns.join("|").replaceAll("*", ".*")})$`);

const DROPPED_FROM_REQUESTS = namesLike(Object.values(DROPPED).flat());
/** Whether no caller's header of this name goes upstream. @param name in the form of {@link equivalentName} */
export const isDropped = (name: string): boolean => DROPPED_FROM_REQUESTS.test(name);

const DROPPED_FROM_RESPONSES = namesLike([...DROPPED.hopByHop, ...DROPPED.ours]);

/**
 * What of a caller's headers may go upstream: not those the Connection header names, not those of the table above.
 * Content-Length passes: whoever sends the body decides about it. Judge conditions on this list, not on the one that
 * arrived, so that `Connection: idempotency-key` cannot remove what a grant required.
 * @param alsoStrip names in the form of {@link equivalentName}: what will be injected, what carried the caller's proof
 */
export function forwardableHeaders(list: HeaderList, alsoStrip: ReadonlySet<string>): HeaderList {
  return endToEnd(list, DROPPED_FROM_REQUESTS, alsoStrip);
}

/** What of an upstream's headers may go back: not the hop's own, not those the Connection header names, not ours. */
export function returnableHeaders(list: HeaderList): HeaderList {
  return endToEnd(list, DROPPED_FROM_RESPONSES);
}

function endToEnd(list: HeaderList, dropped: RegExp, alsoStrip?: ReadonlySet<string>): HeaderList {
  const named = new Set(headerValues(list, "connection").flatMap((value) => value.split(",").map(equivalentName)));
  return list.filter(([name]) => {
    const equivalent = equivalentName(name);
    return !named.has(equivalent) && !alsoStrip?.has(equivalent) && !dropped.test(equivalent);
  });
}
