/**
 * 6. The decision, and whether it still stands. Headers that the door will not send on count as absent, so that a
 * condition cannot hold on them.
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import { equivalentName, forwardableHeaders, type HeaderList } from "../../http/headers.js";
import type { Verdict } from "../../policy/conditions.js";
import { evaluate } from "../../policy/evaluate.js";
import type { Door } from "../door.js";
import type { IncomingMessage } from "../message.js";
import { revocation } from "../revocation.js";
import { type Authenticated, PROOF_HEADERS } from "./authenticate.js";
import type { Bounded } from "./bound.js";
import type { Parsed } from "./parse.js";
import { NOWHERE, type Routed } from "./route.js";
import type { Located } from "./source.js";

export interface Authorized {
  /** Name of the grant that allows. */
  readonly rule: string;
  /** The caller's headers that may go on: no proof, nothing of the hop, nothing the route does not forward. */
  readonly callerHeaders: HeaderList;
}

const PROOF = new Set<string>(PROOF_HEADERS);

type Known = IncomingMessage & Bounded & Parsed & Routed & Authenticated & Located;

export function authorize(known: Known, { revocations }: Door): Authorized | Denial | Promise<Authorized | Denial> {
  const decided = decide(known);
  if (revocations === undefined || isDenial(decided)) return decided;
  return revocation(known, revocations).then((revoked) => revoked ?? decided);
}

function decide(known: Known): Authorized | Denial {
  const { method, headers, policy, route, segments, caller, sourceIp } = known;
  if (route === NOWHERE) return deny("ROUTE_UNKNOWN", { name: known.parsedTarget.segments[0] });
  const { forward } = route;
  const passing = forwardableHeaders(headers, PROOF);
  const callerHeaders = forward === undefined ? passing : passing.filter(([name]) => forward.has(equivalentName(name)));
  const hasHeader = (wanted: string): Verdict => {
    const equivalent = equivalentName(wanted);
    const alike = callerHeaders.filter(([name]) => equivalentName(name) === equivalent);
    return alike.some(([name, value]) => name.toLowerCase() === wanted && value.trim() !== "") || (alike.length > 0 ? undefined : false);
  };
  const decision = evaluate(policy, { caller, route: route.name, method, segments, source: sourceIp, hasHeader });
  if (decision.effect === "allow") return known.body.limit(route.limits.maxBodyBytes) ?? { rule: decision.rule, callerHeaders };
  return deny(decision.reason, decision.rule === undefined ? decision.details : { ...decision.details, rule: decision.rule });
}
