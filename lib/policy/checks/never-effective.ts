import { CidrSet, parseCidr } from "../../net/cidr.js";
import type { IpPolicy, PolicyDocument } from "../document.generated.js";
import { coversPattern, parsePattern, type RequestPattern } from "../pattern.js";
import type { Check, Finding } from "./check.js";

const networks = (list: readonly string[]): CidrSet => new CidrSet(list.flatMap((text) => parseCidr(text) ?? []));

/** The networks a policy lets in at most; undefined: all, or some that cannot be read. */
const allowed = (policy: IpPolicy | undefined): CidrSet | undefined =>
  policy?.allow?.every((text) => parseCidr(text) !== undefined) ? networks(policy.allow) : undefined;

const patterns = (requests: readonly string[]): RequestPattern[] =>
  requests.map(parsePattern).filter((pattern) => typeof pattern !== "string");

/** A rule that can never take effect is a mistake: what its author meant to allow or deny does not happen. */
export const neverEffective: Check = {
  rule: "never-effective",
  severity: "error",
  *find(document): Generator<Finding> {
    const { ipPolicies = {}, grants, routes } = document;
    for (const [id, policy] of Object.entries(ipPolicies)) {
      const allow = allowed(policy);
      const denied = allow !== undefined && policy.deny !== undefined && networks(policy.deny).covers(allow);
      if (allow?.isEmpty || policy.countries?.length === 0 || denied) {
        yield {
          at: ["ipPolicies", id],
          message: "no address can ever match this IP policy",
          cure: "List the networks or countries it means, or remove it.",
        };
      }
    }
    for (const [id, grant] of Object.entries(grants)) {
      if (grant.requests.length === 0)
        yield {
          at: ["grants", id, "requests"],
          message: "the grant names no request",
          cure: "List the requests it means, or remove the grant.",
        };
      for (const part of ["when", "justInTime"] as const) {
        if (!holdsEmptyList(grant[part])) continue;
        yield {
          at: ["grants", id, part],
          message: `an empty list in \`${part}\` matches nothing`,
          cure: "List the values it means, or remove it.",
        };
      }
      const ofRoute = allowed(ipPolicies[routes[grant.route]?.from ?? ""]);
      const ofGrant = allowed(ipPolicies[grant.when?.from ?? ""]);
      if (ofRoute !== undefined && ofGrant !== undefined && !ofRoute.isEmpty && !ofGrant.isEmpty && !ofRoute.intersects(ofGrant)) {
        yield {
          at: ["grants", id, "when", "from"],
          message: "no address is in both the route's and the grant's IP policy",
          cure: "Let the two IP policies overlap.",
        };
      }
    }
    yield* whollyDenied(document);
  },
};

const holdsEmptyList = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) && value.length === 0 ? true : Object.values(value).some(holdsEmptyList));

/** An allow whose every request an unconditional deny of the same caller and route covers. */
function* whollyDenied({ grants }: PolicyDocument): Generator<Finding> {
  const denials = Object.entries(grants).filter(([, grant]) => grant.effect === "deny");
  if (denials.length === 0) return;
  for (const [id, grant] of Object.entries(grants)) {
    if (grant.effect === "deny") continue;
    const deniers = denials.filter(
      ([, deny]) => deny.caller === grant.caller && deny.route === grant.route && sameOrNoConditions(deny.when, grant.when),
    );
    const denied = deniers.flatMap(([, deny]) => patterns(deny.requests));
    const requested = patterns(grant.requests);
    if (requested.length > 0 && requested.every((inner) => denied.some((outer) => coversPattern(outer, inner)))) {
      const names = deniers.map(([name]) => `\`${name}\``).join(", ");
      yield {
        at: ["grants", id],
        message: `every request of this grant is denied by ${names}`,
        cure: "Remove the grant, or narrow the deny rule.",
      };
    }
  }
}

const sameOrNoConditions = (deny: object | undefined, allow: object | undefined): boolean =>
  deny === undefined || Object.keys(deny).length === 0 || JSON.stringify(deny) === JSON.stringify(allow);
