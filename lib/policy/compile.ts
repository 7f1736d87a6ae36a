/**
 * A valid document, compiled once into what the hot path only reads: routes by name and host, callers by what proves
 * them, and for each caller and route a trie over path segments. An evaluation never scans all grants.
 */
import { type Condition, compileConditions, compileIpPolicy, type IpPolicyJudge } from "./conditions.js";
import type { Caller, Injection, PolicyDocument, RouteLimits } from "./document.generated.js";
import { type Origin, parseOrigin } from "./origin.js";
import { parsePattern, type RequestPattern } from "./pattern.js";
import { keysOf } from "./signing-keys.js";
import { policyVersion } from "./version.js";

export interface Rule {
  /** The grant's name. */
  readonly id: string;
  readonly effect: "allow" | "deny";
  readonly conditions: readonly Condition[];
}

export interface CompiledRoute {
  readonly name: string;
  readonly origin: Origin;
  readonly from: IpPolicyJudge | undefined;
  readonly inject: readonly Injection[];
  /** Name of the signing profile. */
  readonly sign: string | undefined;
  /** Name of the client certificate. */
  readonly clientCertificate: string | undefined;
  /** Lower-case names of the caller's headers that go on; undefined: all that may. */
  readonly forward: ReadonlySet<string> | undefined;
  readonly limits: Required<RouteLimits>;
}

/** Rules by the segments of their patterns. */
export interface Trie {
  readonly literals: Map<string, Trie>;
  parameter: Trie | undefined;
  /** Rules whose pattern ends here, by method. */
  readonly ends: Map<string, Rule[]>;
  /** Rules whose pattern ends here with `**`, by method. */
  readonly rests: Map<string, Rule[]>;
}

export interface RuleTries {
  readonly allow: Trie;
  /** Over loose segments; undefined where nothing is denied. */
  deny: Trie | undefined;
}

export interface Policy {
  readonly document: PolicyDocument;
  readonly version: string;
  readonly routes: ReadonlyMap<string, CompiledRoute>;
  /** Host name to route name. */
  readonly hosts: ReadonlyMap<string, string>;
  /** `hmac <key id>`, `bearer-token <sha256>` or `iam-role <account> <role name>` to caller name. */
  readonly callers: ReadonlyMap<string, string>;
  /** Caller name to route name to rules. */
  readonly access: ReadonlyMap<string, ReadonlyMap<string, RuleTries>>;
}

export const DEFAULT_LIMITS: Required<RouteLimits> = { maxBodyBytes: 10 * 1024 * 1024, deadlineSeconds: 25 };

/** What a message can prove about a caller, as keys of {@link Policy.callers}; none for kinds that need more than a look-up. */
export function identityKeys(name: string, caller: Caller): string[] {
  if (caller.kind === "hmac") return keysOf(name, caller).map(({ keyId }) => `hmac ${keyId}`);
  if (caller.kind === "bearer-token") return [`bearer-token ${caller.sha256}`];
  if (caller.kind === "iam-role") return [`iam-role ${caller.account} ${caller.roleName}`];
  return [];
}

/** @param document one that `validateDocument` found no error in */
export function compilePolicy(document: PolicyDocument): Policy {
  const ipPolicies = new Map(Object.entries(document.ipPolicies ?? {}).map(([name, policy]) => [name, compileIpPolicy(policy)]));
  const routes = new Map<string, CompiledRoute>();
  const hosts = new Map<string, string>();
  for (const [name, route] of Object.entries(document.routes)) {
    for (const host of route.hosts ?? []) hosts.set(host, name);
    routes.set(name, {
      name,
      origin: parseOrigin(route.target)!,
      from: route.from === undefined ? undefined : ipPolicies.get(route.from)!,
      inject: route.inject ?? [],
      sign: route.sign,
      clientCertificate: route.tls?.clientCertificate,
      forward: route.headers?.forward && new Set(route.headers.forward),
      limits: { ...DEFAULT_LIMITS, ...route.limits },
    });
  }
  const callers = new Map<string, string>();
  for (const [name, caller] of Object.entries(document.callers)) {
    for (const key of identityKeys(name, caller)) callers.set(key, name);
  }
  return { document, version: policyVersion(document), routes, hosts, callers, access: compileAccess(document, ipPolicies) };
}

function compileAccess(document: PolicyDocument, ipPolicies: ReadonlyMap<string, IpPolicyJudge>): Map<string, Map<string, RuleTries>> {
  const access = new Map<string, Map<string, RuleTries>>();
  // By name, so that the rule a decision names does not depend on the order of the source.
  for (const [id, grant] of Object.entries(document.grants).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rule: Rule = { id, effect: grant.effect ?? "allow", conditions: compileConditions(grant, ipPolicies) };
    const ofCaller = entry(access, grant.caller, () => new Map<string, RuleTries>());
    const tries = entry(ofCaller, grant.route, () => ({ allow: newTrie(), deny: undefined }) as RuleTries);
    for (const text of grant.requests) {
      const pattern = parsePattern(text) as RequestPattern;
      if (rule.effect === "allow") insert(tries.allow, pattern, rule);
      else {
        tries.deny ??= newTrie();
        insert(tries.deny, { ...pattern, segments: pattern.segments.map((segment) => segment && decodeURIComponent(segment)) }, rule);
      }
    }
  }
  return access;
}

const newTrie = (): Trie => ({ literals: new Map(), parameter: undefined, ends: new Map(), rests: new Map() });

function insert(root: Trie, { method, segments, rest }: RequestPattern, rule: Rule): void {
  let node = root;
  for (const segment of segments) {
    if (segment === undefined) {
      node.parameter ??= newTrie();
      node = node.parameter;
    } else node = entry(node.literals, segment, newTrie);
  }
  entry(rest ? node.rests : node.ends, method, () => [] as Rule[]).push(rule);
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
