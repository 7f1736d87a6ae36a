/**
 * The conditions of a grant, one row each, compiled to closures. A condition holds, does not hold, or cannot be judged
 * because its value is unknown. An allow needs every one to hold; a deny applies unless one surely does not, so that
 * ignorance never opens a door.
 */
import type { Address } from "../net/address.js";
import { CidrSet, parseCidr } from "../net/cidr.js";
import type { Conditions, Grant, IpPolicy } from "./document.generated.js";

/** What a decision is made on. Everything in it was established by an earlier stage, nothing by the caller's word alone. */
export interface AccessRequest {
  readonly caller: string;
  readonly route: string;
  readonly method: string;
  /** Canonical path segments, as `parseTarget` gives them. */
  readonly segments: readonly string[];
  /** The platform's own source address. */
  readonly source: Address | undefined;
  /** ISO 3166-1 alpha-2; undefined: unknown. */
  readonly country?: string | undefined;
  /** 0 to 100; undefined: unknown. */
  readonly risk?: number | undefined;
  /**
   * Whether the header stands in the request with a value that is not empty. Unknown when it is there only in another
   * spelling that some upstream takes for it, or without a value. Lower-case name.
   */
  hasHeader(name: string): Verdict;
}

/** true: holds. false: does not hold. undefined: unknown. */
export type Verdict = boolean | undefined;
export type IpPolicyJudge = (request: AccessRequest) => Verdict;

export interface Condition {
  /** The condition's field, such as `from`. */
  readonly name: string;
  judge(request: AccessRequest): Verdict;
}

export function compileIpPolicy({ allow, deny, countries }: IpPolicy): IpPolicyJudge {
  const set = (list: readonly string[] | undefined) => list && new CidrSet(list.map((text) => parseCidr(text)!));
  const allowed = set(allow);
  const denied = set(deny);
  const listed = countries && new Set(countries);
  return ({ source, country }) => {
    if (allowed !== undefined || denied !== undefined) {
      if (source === undefined) return undefined;
      if (denied?.contains(source) || allowed?.contains(source) === false) return false;
    }
    return listed === undefined || listed.has(country ?? "unknown");
  };
}

const unknown = (): Verdict => undefined;

type Compile<Setting> = (setting: Setting, ipPolicies: ReadonlyMap<string, IpPolicyJudge>) => Condition["judge"];

/** Values that no stage establishes yet are unknown. */
const CONDITIONS: { readonly [Name in keyof Required<Conditions>]: Compile<NonNullable<Conditions[Name]>> } = {
  from: (name, ipPolicies) => ipPolicies.get(name)!,
  requireHeaders: (names) => (request) => {
    const verdicts = names.map((name) => request.hasHeader(name));
    if (names.length === 0 || verdicts.includes(false)) return false;
    return verdicts.includes(undefined) ? undefined : true;
  },
  risk:
    ({ below }) =>
    ({ risk }) =>
      risk === undefined ? undefined : risk < below,
  times: () => unknown,
  claims: () => unknown,
  device: () => unknown,
  dataClasses: () => unknown,
  query: () => unknown,
  body: () => unknown,
};

export function compileConditions({ when = {}, justInTime }: Grant, ipPolicies: ReadonlyMap<string, IpPolicyJudge>): Condition[] {
  const conditions = Object.entries(when).map(([name, setting]) => ({
    name,
    judge: (CONDITIONS[name as keyof Conditions] as Compile<unknown>)(setting, ipPolicies),
  }));
  if (justInTime !== undefined) conditions.push({ name: "justInTime", judge: unknown });
  return conditions;
}
