/** A query string as the audit may hold it: which parameters were sent, not what they said (THREATS 7). */

const REDACTED = "[redacted]";

/**
 * @param query without the question mark
 * @returns `a=[redacted]&b=[redacted]`; what has no `=` may itself be a value and is redacted whole
 */
export const redactQuery = (query: string): string =>
  query
    .split("&")
    .map((parameter) => parameter.slice(0, parameter.indexOf("=") + 1) + REDACTED)
    .join("&");
