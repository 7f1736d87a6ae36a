/**
 * 3. Which route the call means: by the entrance's own port, by a host name that the policy gives to a route, else by
 * the first path segment. An unknown name goes on as a route that nobody is granted, so that it cannot be told from one
 * that exists. (THREATS 1, 25, 29)
 */
import { type Denial, deny } from "../../errors.js";
import type { ParsedTarget } from "../../http/target.js";
import { type CompiledRoute, DEFAULT_LIMITS, type Policy } from "../../policy/compile.js";
import type { Door } from "../door.js";
import type { IncomingMessage } from "../message.js";
import type { Bounded } from "./bound.js";
import type { Parsed } from "./parse.js";

export interface Routed {
  readonly route: CompiledRoute;
  /** Segments of the path below the route: what grants judge. */
  readonly segments: readonly string[];
}

/** Stands for every route that does not exist; no grant can name it. */
export const NOWHERE: CompiledRoute = {
  name: "",
  origin: { scheme: "https", host: "", port: 0, authority: "", basePath: "" },
  from: undefined,
  inject: [],
  sign: undefined,
  clientCertificate: undefined,
  forward: undefined,
  limits: DEFAULT_LIMITS,
};

export function route({ entranceRoute, authority, parsedTarget, policy }: IncomingMessage & Bounded & Parsed, door: Door): Routed | Denial {
  const hostRoute = policy.hosts.get(authority.replace(/:[0-9]+$/, ""));
  if (hostRoute === undefined && !door.isOwnAuthority(authority)) return deny("HOST_UNKNOWN", { authority });
  return below(policy, entranceRoute ?? hostRoute, parsedTarget);
}

function below({ routes }: Policy, named: string | undefined, { segments }: ParsedTarget): Routed {
  if (named !== undefined) return { route: routes.get(named) ?? NOWHERE, segments };
  return { route: routes.get(segments[0]!) ?? NOWHERE, segments: segments.length === 1 ? [""] : segments.slice(1) };
}
