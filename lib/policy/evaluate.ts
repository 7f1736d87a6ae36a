/**
 * The decision: allow or deny, with the rule that decided and the reason. Deny by default; `effect: deny` beats every
 * allow; a standing or just-in-time allow needs all its conditions.
 */
import type { ErrorCode, ErrorDetails } from "../errors.js";
import type { Policy, Rule, Trie } from "./compile.js";
import type { AccessRequest } from "./conditions.js";
import { judgedSegments } from "./pattern.js";

export type Decision =
  | { readonly effect: "allow"; readonly rule: string; readonly reason: "granted" }
  | { readonly effect: "deny"; readonly rule?: string; readonly reason: ErrorCode; readonly details: ErrorDetails };

const NO_DETAILS: ErrorDetails = {};

export function evaluate(policy: Policy, request: AccessRequest): Decision {
  const from = policy.routes.get(request.route)?.from;
  if (from !== undefined && from(request) !== true) return { effect: "deny", reason: "SOURCE_NOT_ALLOWED", details: NO_DETAILS };

  let allowing: Rule | undefined;
  let unmet: Rule | undefined;
  for (const rule of matchingRules(policy, request)) {
    if (rule.effect === "deny") {
      if (!rule.conditions.some(({ judge }) => judge(request) === false)) {
        return { effect: "deny", rule: rule.id, reason: "DENIED_BY_RULE", details: NO_DETAILS };
      }
    } else if (allowing === undefined) {
      if (rule.conditions.every(({ judge }) => judge(request) === true)) allowing = rule;
      else unmet ??= rule;
    }
  }
  if (allowing !== undefined) return { effect: "allow", rule: allowing.id, reason: "granted" };
  if (unmet === undefined) return { effect: "deny", reason: "NOT_GRANTED", details: NO_DETAILS };
  const conditions = unmet.conditions.filter(({ judge }) => judge(request) !== true).map(({ name }) => name);
  return { effect: "deny", rule: unmet.id, reason: "CONDITION_NOT_MET", details: { conditions } };
}

/**
 * Every rule whose pattern matches the request's caller, route, method and path, those that deny first; conditions are
 * not judged. An allow matches the path as it is sent. A deny matches it in every spelling that some upstream takes for
 * the same: slashes merged, and all escapes decoded (THREATS 8).
 */
export function matchingRules(policy: Policy, { caller, route, method, segments }: AccessRequest): readonly Rule[] {
  const tries = policy.access.get(caller)?.get(route);
  if (tries === undefined) return [];
  const found: Rule[] = [];
  if (tries.deny !== undefined) collect(tries.deny, method, looseSegments(segments), 0, found);
  collect(tries.allow, method, judgedSegments(segments), 0, found);
  return found;
}

const looseSegments = (segments: readonly string[]): readonly string[] =>
  segments.filter((segment) => segment !== "").map(decodeURIComponent);

/** Visits each node of the trie at most once: at every depth a literal child and the parameter child. */
function collect(node: Trie, method: string, segments: readonly string[], depth: number, found: Rule[]): void {
  add(node.rests.get(method), found);
  if (depth === segments.length) {
    add(node.ends.get(method), found);
    return;
  }
  const segment = segments[depth]!;
  const literal = node.literals.get(segment);
  if (literal !== undefined) collect(literal, method, segments, depth + 1, found);
  if (node.parameter !== undefined && segment !== "") collect(node.parameter, method, segments, depth + 1, found);
}

function add(rules: readonly Rule[] | undefined, found: Rule[]): void {
  if (rules !== undefined) for (const rule of rules) found.push(rule);
}
