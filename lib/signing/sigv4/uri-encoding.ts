/**
 * Percent-encoding as AWS canonicalises with it: all but the unreserved characters of RFC 3986, in upper case, a space as
 * `%20`. Source: AWS, "Create a signed AWS API request", UriEncode.
 */
const UNRESERVED = /^[\w.~-]*$/;

/**
 * `encodeURIComponent` leaves five characters that RFC 3986 reserves.
 *
 * @throws URIError on a lone surrogate
 */
export const uriEncode = (text: string): string =>
  UNRESERVED.test(text)
    ? text
    : encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** @returns undefined for an escape that is broken or not UTF-8 */
export function uriDecode(text: string): string | undefined {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    return undefined;
  }
}
