/** 11. The call itself: streamed, within a deadline, never redirected, never retried. (THREATS 2; faults 4, 5, 6, 10) */
import type { Door } from "../door.js";
import type { UpstreamResponse } from "../message.js";
import type { Bounded } from "./bound.js";
import type { Built } from "./build.js";
import type { Committed } from "./commit.js";
import type { Connected } from "./connect.js";
import type { Routed } from "./route.js";

export interface Forwarded {
  readonly upstreamResponse: UpstreamResponse;
}

/** Set the moment connecting begins: from then on the claim stays, whatever happens. */
export interface Attempt {
  attempted?: true;
}

export async function forward(known: Bounded & Routed & Committed & Built & Connected & Attempt, door: Door): Promise<Forwarded> {
  const { route, upstreamRequest, destination, startedAt } = known;
  const elapsedMs = door.clock.monotonic() - startedAt;
  known.attempted = true;
  const upstreamResponse = await door.upstream.send(destination, upstreamRequest, route.limits.deadlineSeconds * 1000 - elapsedMs);
  return { upstreamResponse };
}
