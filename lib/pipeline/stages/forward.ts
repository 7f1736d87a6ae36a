/** 11. The call itself: streamed, within a deadline, never redirected, never retried. (THREATS 2; faults 4, 5, 6, 10) */
import { SallyportError } from "../../errors.js";
import type { Door } from "../door.js";
import type { IncomingMessage, UpstreamResponse } from "../message.js";
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

type Known = IncomingMessage & Bounded & Routed & Committed & Built & Connected & Attempt;

export async function forward(known: Known, door: Door): Promise<Forwarded> {
  const { route, upstreamRequest, destination, startedAt, deadlineMs: platformMs = Number.POSITIVE_INFINITY } = known;
  const routeMs = route.limits.deadlineSeconds * 1000;
  const elapsedMs = door.clock.monotonic() - startedAt;
  known.attempted = true;
  try {
    return { upstreamResponse: await door.upstream.send(destination, upstreamRequest, Math.min(routeMs, platformMs) - elapsedMs) };
  } catch (fault) {
    const isPlatforms = platformMs < routeMs && fault instanceof SallyportError && fault.code === "UPSTREAM_TIMEOUT";
    throw isPlatforms ? new SallyportError("PLATFORM_TIMEOUT", fault.details, { cause: fault }) : fault;
  }
}
