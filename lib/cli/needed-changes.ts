/** What would have to be otherwise for a denied request to be allowed, in words. */
import type { Policy } from "../policy/compile.js";
import type { AccessRequest } from "../policy/conditions.js";
import type { Conditions, IpPolicy } from "../policy/document.generated.js";
import type { Decision } from "../policy/evaluate.js";
import type { Explanation } from "../policy/explain.js";

type Denied = Extract<Decision, { effect: "deny" }>;

/** @returns nothing for a request that is allowed */
export function neededChanges(policy: Policy, request: AccessRequest, { decision, ...explanation }: Explanation): readonly string[] {
  return decision.effect === "allow" ? [] : (CHANGES[decision.reason]?.(decision, { policy, request, ...explanation }) ?? []);
}

type Known = { readonly policy: Policy; readonly request: AccessRequest } & Omit<Explanation, "decision">;

const CHANGES: Readonly<Record<string, (denied: Denied, known: Known) => readonly string[]>> = {
  SOURCE_NOT_ALLOWED: (_, { policy, request }) => [fromChange(policy, policy.document.routes[request.route]!.from!, request)],
  DENIED_BY_RULE: ({ rule }) => [`send a request that the deny rule \`${rule}\` does not match, or change that rule`],
  NOT_GRANTED: (_, { request, notMatching }) => {
    const asked = `\`${request.method} /${request.segments.join("/")}\``;
    const grant = `add a grant for caller \`${request.caller}\` on route \`${request.route}\` with ${asked}`;
    return notMatching.length === 0 ? [grant] : [`add ${asked} to the requests of ${notMatching.join(" or ")}, or ${grant}`];
  },
  CONDITION_NOT_MET: ({ rule, details }, { policy, request }) => {
    const when: Conditions = policy.document.grants[rule!]!.when ?? {};
    return (details.conditions as readonly (keyof Conditions)[]).map(
      (name) => (CONDITION_CHANGES[name] ?? notJudged(name))(when, policy, request) ?? name,
    );
  },
};

type ConditionChange = (when: Conditions, policy: Policy, request: AccessRequest) => string;

const CONDITION_CHANGES: Partial<Record<keyof Conditions, ConditionChange>> = {
  from: ({ from }, policy, request) => fromChange(policy, from!, request),
  requireHeaders: ({ requireHeaders = [] }, _, request) =>
    `send the header ${requireHeaders.filter((name) => !request.hasHeader(name)).join(" and ")}`,
  risk: ({ risk }, _, request) =>
    request.risk === undefined
      ? `know the caller's risk, below ${risk!.below} (give --risk)`
      : `have a risk below ${risk!.below}; it is ${request.risk}`,
};

const notJudged =
  (name: string): ConditionChange =>
  () =>
    `nothing meets \`${name}\` in this version, which cannot judge it`;

function fromChange({ document }: Policy, name: string, { source, country }: AccessRequest): string {
  const { allow, deny, countries }: IpPolicy = document.ipPolicies![name]!;
  const parts = [
    (allow || deny) && source === undefined && "from a known address (give --from)",
    allow && `from ${allow.join(" or ") || "no network at all"}`,
    deny && `not from ${deny.join(" or ")}`,
    countries && `from country ${countries.join(" or ")}${country === undefined ? " (give --country)" : ""}`,
  ];
  return `call ${parts.filter(Boolean).join(", ")} (IP policy \`${name}\`)`;
}
