/**
 * The answer to a denied call. Until the caller is authorized, all codes but those about syntax, size and overload look
 * the same to the byte, so that answers cannot be used to learn which routes and callers exist. RFC 9457.
 */
import { ERROR_CODES, type ErrorCode } from "../errors.js";
import type { HeaderList } from "./headers.js";

export interface Problem {
  readonly status: number;
  readonly headers: HeaderList;
  /** JSON text. */
  readonly body: string;
}

/** @param authorized whether the caller was authorized before the denial, and may see its code */
export function problemDocument(code: ErrorCode, requestId: string, authorized: boolean): Problem {
  const shown = shownCode(code, authorized);
  const { status, title } = ERROR_CODES[shown];
  return {
    status,
    headers: [
      ["content-type", "application/problem+json"],
      ["cache-control", "no-store"],
      ...(status === 503 ? ([["retry-after", "1"]] as const) : []),
    ],
    body: JSON.stringify({ type: `urn:sallyport:error:${shown.toLowerCase()}`, title, status, requestId }),
  };
}

function shownCode(code: ErrorCode, authorized: boolean): ErrorCode {
  const answer = ERROR_CODES[code].status === 0 ? "INTERNAL" : code; // a code that answers no request is a fault here
  return authorized || ERROR_CODES[answer].open ? answer : "DENIED";
}
