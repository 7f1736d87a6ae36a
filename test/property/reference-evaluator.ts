/**
 * The decision as the design's prose tells it, without index, trie or any code of the evaluator: scan every grant, match
 * each pattern segment by segment, judge networks with `net.BlockList`.
 */
import { BlockList } from "node:net";
import type { DescribedRequest } from "../../lib/policy/access-request.js";
import type { Grant, IpPolicy, PolicyDocument } from "../../lib/policy/document.generated.js";

export interface ReferenceDecision {
  readonly effect: "allow" | "deny";
  readonly reason: string;
  /** Every rule that may be named for it. */
  readonly rules: readonly string[];
}

type Holds = boolean | "unknown";

export function referenceDecision(document: PolicyDocument, request: DescribedRequest): ReferenceDecision {
  const from = document.routes[request.route]?.from;
  if (from !== undefined && ipPolicyHolds(document.ipPolicies![from]!, request) !== true)
    return { effect: "deny", reason: "SOURCE_NOT_ALLOWED", rules: [] };

  const matching = Object.entries(document.grants).filter(
    ([, grant]) =>
      grant.caller === request.caller &&
      grant.route === request.route &&
      grant.requests.some((pattern) => matches(pattern, request.request, grant.effect === "deny")),
  );
  const named = (reason: string, effect: "allow" | "deny", wanted: (grant: Grant, conditions: Holds[]) => boolean): ReferenceDecision[] => {
    const rules = matching.filter(([, grant]) => wanted(grant, conditionsOf(document, grant, request))).map(([id]) => id);
    return rules.length > 0 ? [{ effect, reason, rules }] : [];
  };
  const isDeny = (grant: Grant) => grant.effect === "deny";
  return [
    ...named("DENIED_BY_RULE", "deny", (grant, conditions) => isDeny(grant) && !conditions.includes(false)),
    ...named("granted", "allow", (grant, conditions) => !isDeny(grant) && conditions.every((holds) => holds === true)),
    ...named("CONDITION_NOT_MET", "deny", (grant) => !isDeny(grant)),
    { effect: "deny" as const, reason: "NOT_GRANTED", rules: [] },
  ][0]!;
}

/** A deny is loose: slashes merged and escapes decoded, on both sides. */
function matches(pattern: string, request: string, isLoose: boolean): boolean {
  const [method, path] = pattern.split(" ") as [string, string];
  const [requested, target] = request.split(" ") as [string, string];
  const read = (text: string): string[] =>
    isLoose
      ? segmentsOf(text)
          .filter(Boolean)
          .map((segment) => decodeURIComponent(segment))
      : segmentsOf(text);
  return method === requested && matchesPath(read(path), read(target));
}

const segmentsOf = (path: string): string[] => (path === "/" ? [] : path.slice(1).split("/"));

function matchesPath([wanted, ...patterns]: string[], path: string[]): boolean {
  if (wanted === "**") return true;
  const [segment, ...segments] = path;
  if (wanted === undefined || segment === undefined) return wanted === segment;
  return (wanted.startsWith("{") ? segment !== "" : segment === wanted) && matchesPath(patterns, segments);
}

function conditionsOf({ ipPolicies }: PolicyDocument, { when = {}, justInTime }: Grant, request: DescribedRequest): Holds[] {
  const { from, requireHeaders, risk, ...notEstablished } = when;
  const conditions: Holds[] = Object.keys(notEstablished).map(() => "unknown");
  if (justInTime !== undefined) conditions.push("unknown");
  if (from !== undefined) conditions.push(ipPolicyHolds(ipPolicies![from]!, request));
  if (requireHeaders !== undefined) conditions.push(requireHeaders.every((name) => request.headers?.includes(name) === true));
  if (risk !== undefined) conditions.push(request.risk === undefined ? "unknown" : request.risk < risk.below);
  return conditions;
}

function ipPolicyHolds({ allow, deny, countries }: IpPolicy, { from, country }: DescribedRequest): Holds {
  if ((allow ?? deny) !== undefined) {
    if (from === undefined) return "unknown";
    if (allow !== undefined && !isAmong(from, allow)) return false;
    if (deny !== undefined && isAmong(from, deny)) return false;
  }
  return countries === undefined || countries.includes(country ?? "unknown");
}

const MAPPED = "::ffff:";

/** IPv4 is judged by IPv4 networks and IPv6 by IPv6 networks; IPv4-mapped is IPv4. */
function isAmong(address: string, networks: readonly string[]): boolean {
  const plain = address.replace(MAPPED, "");
  const family = plain.includes(":") ? "ipv6" : "ipv4";
  const list = new BlockList();
  for (const network of networks) {
    const [base, length] = network.replace(MAPPED, "").split("/") as [string, string?];
    if (base.includes(":") !== (family === "ipv6")) continue;
    const bits = family === "ipv6" ? 128 : 32;
    list.addSubnet(base, length === undefined ? bits : Number(length) - (network.startsWith(MAPPED) ? 96 : 0), family);
  }
  return list.check(plain, family);
}
