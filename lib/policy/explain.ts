/** Why a request is allowed or denied: the decision, and every rule that was considered with each of its conditions. */

import type { Policy } from "./compile.js";
import type { AccessRequest, Verdict } from "./conditions.js";
import { type Decision, evaluate, matchingRules } from "./evaluate.js";

export interface ConsideredRule {
  readonly rule: string;
  readonly effect: "allow" | "deny";
  readonly conditions: readonly { readonly name: string; readonly holds: Verdict }[];
}

export interface Explanation {
  readonly decision: Decision;
  readonly policyVersion: string;
  /** Rules that match caller, route, method and path. */
  readonly considered: readonly ConsideredRule[];
  /** Other grants of the same caller and route, which do not match the method and path. */
  readonly notMatching: readonly string[];
}

export function explain(policy: Policy, request: AccessRequest): Explanation {
  const considered = [...new Set(matchingRules(policy, request))].map(({ id, effect, conditions }) => ({
    rule: id,
    effect,
    conditions: conditions.map(({ name, judge }) => ({ name, holds: judge(request) })),
  }));
  const matched = new Set(considered.map(({ rule }) => rule));
  const notMatching = Object.entries(policy.document.grants)
    .filter(([id, { caller, route }]) => caller === request.caller && route === request.route && !matched.has(id))
    .map(([id]) => id)
    .sort();
  return { decision: evaluate(policy, request), policyVersion: policy.version, considered, notMatching };
}
