/** Rules that a reviewed waiver may lift: the document is valid, but unsafe as it stands (THREATS 32). */
import { CidrSet, parseCidr } from "../../net/cidr.js";
import { looksLikeCredential } from "../credential-shape.js";
import type { IpPolicy, PresetProfile } from "../document.generated.js";
import type { Check, Finding } from "./check.js";

export const cleartextTarget: Check = {
  rule: "cleartext-target",
  severity: "guardrail",
  *find({ routes }): Generator<Finding> {
    for (const [id, { target }] of Object.entries(routes)) {
      if (!target.startsWith("https:")) {
        yield {
          at: ["routes", id, "target"],
          message: "the target is not encrypted",
          expected: "an https:// target",
          found: target,
          cure: "Use https://.",
        };
      }
    }
  },
};

/** Whoever lets in more than half of one of these lets in the Internet: IPv4, IPv6, and what of IPv6 is routed (RFC 4291 section 2.4). */
const INTERNET = ["0.0.0.0/0", "::/0", "2000::/3"].map((text) => parseCidr(text)!);

const networks = (list: readonly string[]): CidrSet => new CidrSet(list.flatMap((text) => parseCidr(text) ?? []));

/** Without an allow list, networks only take away; countries can still hold. */
function isOpen({ allow, deny = [], countries }: IpPolicy): boolean {
  if (allow === undefined) return countries === undefined;
  const denied = networks(deny);
  const either = networks([...allow, ...deny]);
  return INTERNET.some((space) => either.shareOf(space) - denied.shareOf(space) > 1 / 2);
}

export const openNetwork: Check = {
  rule: "open-network",
  severity: "guardrail",
  *find({ ipPolicies = {} }): Generator<Finding> {
    for (const [id, policy] of Object.entries(ipPolicies)) {
      if (!isOpen(policy)) continue;
      yield {
        at: ["ipPolicies", id, ...(policy.allow === undefined ? [] : ["allow"])],
        message: "the IP policy lets the whole Internet in",
        cure: "List the networks that callers really come from.",
      };
    }
  },
};

export const secretMaxAge: Check = {
  rule: "secret-max-age",
  severity: "guardrail",
  *find({ secrets = {} }): Generator<Finding> {
    for (const [id, { maxAgeDays }] of Object.entries(secrets)) {
      if (maxAgeDays !== undefined) continue;
      yield {
        at: ["secrets", id],
        message: "the secret has no `maxAgeDays`",
        cure: "Set `maxAgeDays` to how long a value may live before it is rotated.",
      };
    }
  },
};

export const routeWithoutGrant: Check = {
  rule: "route-without-grant",
  severity: "guardrail",
  *find({ routes, grants }): Generator<Finding> {
    const granted = new Set(Object.values(grants).map(({ route, effect }) => (effect === "deny" ? undefined : route)));
    for (const id of Object.keys(routes)) {
      if (!granted.has(id))
        yield {
          at: ["routes", id],
          message: "no grant allows anyone to use this route",
          cure: "Add a grant for it, or remove the route.",
          lacks: ["grants"],
        };
    }
  },
};

/** Schemes that any copy of a request satisfies for ever, or that rest on SHA-1. */
const WEAK_PRESETS: ReadonlySet<PresetProfile["preset"]> = new Set<PresetProfile["preset"]>(["github", "shopify", "twilio"]);

export const weakSignature: Check = {
  rule: "weak-signature",
  severity: "guardrail",
  *find({ signingProfiles = {} }): Generator<Finding> {
    for (const [id, profile] of Object.entries(signingProfiles)) {
      if (profile.kind !== "preset" || profile.weak === true || !WEAK_PRESETS.has(profile.preset)) continue;
      yield {
        at: ["signingProfiles", id],
        message: `the scheme \`${profile.preset}\` is weak: a copied request stays valid, or it rests on SHA-1`,
        cure: "Use a scheme that signs a time, or say `weak: true` where the upstream takes no other.",
      };
    }
  },
};

export const literalSecret: Check = {
  rule: "literal-secret",
  severity: "guardrail",
  *find(document): Generator<Finding> {
    for (const [at, text] of texts(document, [])) {
      if (at.at(-1) === "sha256" || !looksLikeCredential(text)) continue;
      yield {
        at,
        message: "a text looks like a credential",
        found: "[redacted]",
        cure: "Remove it from the source and its history, rotate it, store it with `sallyport secrets set`, and refer to it by name.",
      };
    }
  },
};

/** Every text leaf of a value, with its place. */
function* texts(value: unknown, at: readonly (string | number)[]): Generator<readonly [(string | number)[], string]> {
  if (typeof value === "string") yield [[...at], value];
  else if (typeof value === "object" && value !== null) for (const [key, child] of Object.entries(value)) yield* texts(child, [...at, key]);
}
