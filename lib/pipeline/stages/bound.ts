/**
 * 1. Bounds, before any work is done on a request: calls under way, number and size of its headers. Gives the request
 * its id and its clocks. (THREATS 21)
 */
import { type Denial, deny } from "../../errors.js";
import type { Policy } from "../../policy/compile.js";
import type { Door } from "../door.js";
import type { IncomingMessage } from "../message.js";
import type { ProfileSet } from "../profiles.js";

export interface Bounded {
  readonly requestId: string;
  /** Wall clock at arrival, milliseconds since the epoch: the time by which the call is judged. */
  readonly now: number;
  /** Monotonic milliseconds at arrival. */
  readonly startedAt: number;
  readonly policy: Policy;
  readonly profiles: ProfileSet;
}

export function bound({ headers, body }: IncomingMessage, door: Door): Bounded | Denial {
  const { maxConcurrentCalls, maxHeaders, maxHeaderBytes } = door.limits;
  if (door.load.calls > maxConcurrentCalls) return deny("OVERLOADED", { what: "calls under way", maxConcurrentCalls });
  if (headers.length > maxHeaders) return deny("HEADERS_TOO_LARGE", { headers: headers.length, maxHeaders });
  let headerBytes = 0;
  for (const [name, value] of headers) headerBytes += name.length + value.length;
  if (headerBytes > maxHeaderBytes) return deny("HEADERS_TOO_LARGE", { headerBytes, maxHeaderBytes });
  // The largest limit of any route: until the caller is authorized, a route's own would tell that it exists.
  const tooLarge = body.limit(door.current.maxBodyBytes);
  if (tooLarge !== undefined) return tooLarge;
  return { requestId: newRequestId(door), now: door.clock.now(), startedAt: door.clock.monotonic(), ...door.current };
}

export const newRequestId = (door: Door): string => Buffer.from(door.random.bytes(12)).toString("base64url");
