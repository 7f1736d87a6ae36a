/**
 * What API Gateway REST and Lambda allow one buffered call. Their own errors do not say which limit was hit, so the door
 * stays below each and names it. (API Gateway and Lambda quotas)
 */

/** Bytes of the JSON that a function may return: Lambda's 6 MB. */
export const MAX_RESULT_BYTES = 6_291_556;

/** API Gateway waits so long for its integration. */
const INTEGRATION_TIMEOUT_MS = 29_000;
/** Left for telling the caller that time ran out, and for the audit. */
const MARGIN_MS = 1_000;
/** A cold start takes so long at most; more is a clock that is wrong, and must not end every call. */
const MAX_QUEUED_MS = 10_000;

export interface InvocationTimes {
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
  /** When API Gateway received the request, by its own clock. */
  readonly receivedAt: number;
  /** What Lambda leaves of the function's timeout. */
  readonly remainingMs: number;
}

/** Milliseconds in which the answer must be there. */
export function platformDeadlineMs({ now, receivedAt, remainingMs }: InvocationTimes): number {
  const queuedMs = Math.min(Math.max(now - receivedAt, 0), MAX_QUEUED_MS);
  return Math.max(Math.min(remainingMs, INTEGRATION_TIMEOUT_MS - queuedMs) - MARGIN_MS, 0);
}
