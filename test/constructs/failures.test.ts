/**
 * Misuse fails synthesis and names the construct path, the rule and the cure (THREATS 32). One row a failure: each
 * breaks one thing of a door that is right otherwise.
 */
import { Token } from "cdktf";
import {
  Caller,
  Certificate,
  Inject,
  IpPolicy,
  Route,
  type RouteProps,
  Secret,
  type SecretProps,
  ZeroTrustProxy,
} from "sallyport/constructs";
import { describe, expect, test } from "vitest";
import { doorIn, type Json, synthesized, type TestDoor } from "./synthesized.js";

interface Right extends TestDoor {
  readonly caller: Caller;
  readonly secret: Secret;
  /** A route that the caller may use, unless `grant` is false. */
  readonly route: (id: string, props?: Partial<RouteProps>, grant?: boolean) => Route;
}

function rightDoor(): Right {
  const { stack, door } = doorIn("egress");
  const caller = Caller.iamRole(door, "payments", { account: "111111111111", roleName: "payments" });
  const secret = new Secret(door, "key", { allowedHosts: ["api.vendor.example"], maxAgeDays: 90 });
  const route = (id: string, props: Partial<RouteProps> = {}, grant = true): Route => {
    const made = new Route(door, id, { owner: "team", target: "https://api.vendor.example", inject: [Inject.bearer(secret)], ...props });
    if (grant) made.allow("all", caller, { requests: ["GET /**"] });
    return made;
  };
  return { stack, door, caller, secret, route };
}

/** What synthesis throws, without cdktf's own first lines. */
function failureOf(misuse: (right: Right) => void): string {
  const right = rightDoor();
  misuse(right);
  try {
    synthesized(right.stack);
  } catch (error) {
    return (error as Error).message;
  }
  return "synthesis did not fail";
}

const LITERAL = "sk_live_51Hxyz0123456789abcdef";
const typed = (value: unknown): Json => value;

test("a door that is right synthesizes", () => {
  expect(failureOf(({ route }) => void route("vendor"))).toBe("synthesis did not fail");
});

interface Row {
  readonly title: string;
  readonly misuse: (right: Right) => void;
  readonly at: string;
  readonly rule: string;
  readonly cure: string;
}

const rows: readonly Row[] = [
  {
    title: "an IP policy of another door",
    misuse: ({ stack, route, caller }) => {
      const other = new ZeroTrustProxy(stack, "other", { environment: "prod", availabilityZones: ["eu-west-1a"] });
      const from = new IpPolicy(other, "office", { allow: ["10.0.0.0/8"] });
      route("vendor").allow("office", caller, { requests: ["GET /a"], when: { from } });
    },
    at: "egress/door/vendor/office",
    rule: "unknown-reference",
    cure: "Create an IpPolicy on egress/door and pass that.",
  },
  {
    title: "an entry of the wrong kind",
    misuse: ({ route, secret }) => void route("vendor").allow("bad", typed(secret), { requests: ["GET /a"] }),
    at: "egress/door/vendor/bad",
    rule: "unknown-reference",
    cure: "Pass a Caller of this door.",
  },
  {
    title: "a name where a construct is expected",
    misuse: ({ route }) => void route("vendor").allow("bad", typed("payments"), { requests: ["GET /a"] }),
    at: "egress/door/vendor/bad",
    rule: "unknown-reference",
    cure: "Pass a Caller of this door.",
  },
  {
    title: "a cleartext target",
    misuse: ({ route }) => void route("vendor", { target: "http://api.vendor.example" }),
    at: "egress/door/vendor",
    rule: "cleartext-target",
    cure: "Use https://.",
  },
  {
    title: "an open network",
    misuse: ({ door, route }) => {
      new IpPolicy(door, "anywhere", { allow: ["0.0.0.0/0"] });
      route("vendor");
    },
    at: "egress/door/anywhere",
    rule: "open-network",
    cure: "List the networks that callers really come from.",
  },
  {
    title: "a wildcard host",
    misuse: ({ door, route }) => {
      new Secret(door, "wide", { allowedHosts: ["*.vendor.example"], maxAgeDays: 90 });
      route("vendor");
    },
    at: "egress/door/wide",
    rule: "wildcard-host",
    cure: "List each host that the credential may go to by its full name.",
  },
  {
    title: "a secret sent to a host it may not go to",
    misuse: ({ route }) => void route("vendor", { target: "https://evil.example" }),
    at: "egress/door/vendor",
    rule: "host-not-allowed",
    cure: "Add `evil.example` to `secrets.key.allowedHosts`, or use another credential.",
  },
  {
    title: "a secret without an age limit",
    misuse: ({ door, route }) => {
      new Secret(door, "old", { allowedHosts: ["api.vendor.example"] });
      route("vendor");
    },
    at: "egress/door/old",
    rule: "secret-max-age",
    cure: "Set `maxAgeDays` to how long a value may live before it is rotated.",
  },
  {
    title: "a waiver that has expired",
    misuse: ({ door, route }) => {
      const waivers = [{ rule: "secret-max-age", reason: "the vendor cannot rotate", expires: "2025-12-31" }];
      new Secret(door, "old", { allowedHosts: ["api.vendor.example"], waivers });
      route("vendor");
    },
    at: "egress/door/old",
    rule: "secret-max-age",
    cure: "Set `maxAgeDays` to how long a value may live before it is rotated.",
  },
  {
    title: "a route that nobody may use",
    misuse: ({ route }) => void route("vendor", {}, false),
    at: "egress/door/vendor",
    rule: "route-without-grant",
    cure: "Add a grant for it, or remove the route.",
  },
  {
    title: "two grants that meet in one name",
    misuse: ({ route, caller }) => {
      route("vendor").allow("b-c", caller, { requests: ["GET /a"] });
      route("vendor-b").allow("c", caller, { requests: ["GET /a"] });
    },
    at: "egress/door/vendor-b/c",
    rule: "duplicate-name",
    cure: "Give one of the two another id.",
  },
  {
    title: "a literal secret where a Secret is expected",
    misuse: ({ route }) => void route("vendor", { inject: [Inject.bearer(typed(LITERAL))] }),
    at: "egress/door/vendor",
    rule: "literal-secret",
    cure: "Pass a `Secret` or `Certificate` of this door and store its value out of band; rotate the value if it was a real one.",
  },
  {
    title: "a literal certificate where a Certificate is expected",
    misuse: ({ route }) => void route("vendor", { tls: { clientCertificate: typed("-----BEGIN CERTIFICATE-----") } }),
    at: "egress/door/vendor",
    rule: "literal-secret",
    cure: "Pass a `Secret` or `Certificate` of this door",
  },
  ...["value", "secretString", "plaintext"].map((prop) => ({
    title: `a literal secret as \`${prop}\``,
    misuse: ({ door, route }: Right) => {
      new Secret(door, "literal", typed({ allowedHosts: [], maxAgeDays: 90, [prop]: LITERAL }) as SecretProps);
      route("vendor");
    },
    at: "egress/door/literal",
    rule: "literal-secret",
    cure: "store its value out of band; rotate the value if it was a real one.",
  })),
  {
    title: "a literal secret in a plain field",
    misuse: ({ route }) => void route("vendor", { owner: LITERAL }),
    at: "egress/door/vendor",
    rule: "literal-secret",
    cure: "Remove it from the source and its history, rotate it",
  },
  {
    title: "a token in a plain field",
    misuse: ({ route }) => void route("vendor", { target: `https://${Token.asString({ resolve: () => "x" })}.example` }),
    at: "egress/door/vendor",
    rule: "unresolved-token",
    cure: "Write the value itself, or look it up before synthesis.",
  },
  {
    title: "a token deep in a list",
    misuse: ({ route, caller }) =>
      void route("vendor").allow("t", caller, {
        requests: ["GET /a"],
        when: { requireHeaders: ["accept", Token.asString({ resolve: () => "x" })] },
      }),
    at: "egress/door/vendor/t",
    rule: "unresolved-token",
    cure: "Write the value itself",
  },
  {
    title: "a number token",
    misuse: ({ route }) => void route("vendor", { limits: { maxBodyBytes: Token.asNumber({ resolve: () => 1 }) } }),
    at: "egress/door/vendor",
    rule: "unresolved-token",
    cure: "Write the value itself",
  },
  {
    title: "a list token",
    misuse: ({ door, route }) => {
      new IpPolicy(door, "later", { allow: Token.asList({ resolve: () => [] }) });
      route("vendor");
    },
    at: "egress/door/later",
    rule: "unresolved-token",
    cure: "Write the value itself",
  },
  {
    title: "an unknown field",
    misuse: ({ route }) => void route("vendor", typed({ ownr: "team" })),
    at: "egress/door/vendor",
    rule: "unknown-field",
    cure: "Write `owner`, or remove it.",
  },
  {
    title: "a test of the policy that fails",
    misuse: ({ door, route, caller }) =>
      void door.test("reads", { caller, route: route("vendor"), request: "GET /a", from: "10.0.0.1", expect: "deny" }),
    at: "egress/door/Tests/reads",
    rule: "failed-test",
    cure: "Change the policy or the test.",
  },
  {
    title: "a certificate with a wildcard host",
    misuse: ({ door, route }) => {
      new Certificate(door, "client", { allowedHosts: ["*"] });
      route("vendor");
    },
    at: "egress/door/client",
    rule: "wildcard-host",
    cure: "List each host that the credential may go to by its full name.",
  },
];

test.each(rows)("refuses $title", ({ misuse, at, rule, cure }) => {
  const failure = failureOf(misuse);
  expect(failure).toContain(`[${at}] [${rule}] `);
  expect(failure).toContain(cure);
  expect(failure).not.toContain(LITERAL);
});

test("tells a token from a value: the message says why", () => {
  const failure = failureOf(({ route }) => void route("vendor", { owner: Token.asString({ resolve: () => "x" }) }));
  expect(failure).toContain("`owner` is a Terraform token: values known only at apply time never enter the document");
});

test.each<[what: string, misuse: (right: Right) => void, told: string]>([
  [
    "the item of a list by its index",
    ({ route, secret }) => void route("vendor", { inject: [Inject.query("a", secret), Inject.bearer(typed("key"))] }),
    "`inject.1.secret` is a text, not a Secret.",
  ],
  [
    "an object with its article",
    ({ route }) => void route("vendor").allow("bad", typed({ name: "payments" }), { requests: ["GET /a"] }),
    "`caller` is an object where a Caller is expected. Pass a Caller of this door.",
  ],
  [
    "a construct that is no entry",
    ({ stack, route }) => void route("vendor", { from: typed(stack) }),
    "`from` is a TerraformStack (egress) where an IpPolicy is expected. Pass an IpPolicy of this door.",
  ],
  [
    "a construct where none belongs, without asking for a plain value of a door",
    ({ route, caller }) => void route("vendor", { owner: typed(caller) }),
    "`owner` is a Caller (egress/door/payments) where a plain value is expected. Pass a plain value.",
  ],
])("names %s", (_, misuse, told) => {
  expect(failureOf(misuse)).toContain(told);
});

test("tells every problem of every construct at once", () => {
  const failure = failureOf(({ door, route }) => {
    new IpPolicy(door, "anywhere", { allow: ["0.0.0.0/0"] });
    route("clear", { target: "http://api.vendor.example" });
    route("idle", {}, false);
  });
  expect([...failure.matchAll(/\[egress[^\]]*\] \[[a-z-]+\]/g)].map(([head]) => head)).toEqual(
    ["[egress/door/clear] [cleartext-target]", "[egress/door/idle] [route-without-grant]", "[egress/door/anywhere] [open-network]"].sort(
      (a, b) => failure.indexOf(a) - failure.indexOf(b),
    ),
  );
});

test("a waiver in force lifts its guardrail and stands in the document", () => {
  const { stack, door, route } = rightDoor();
  const waivers = [{ rule: "secret-max-age", reason: "the vendor cannot rotate", expires: "2026-01-01" }];
  new Secret(door, "old", { allowedHosts: ["api.vendor.example"], waivers });
  route("vendor");
  expect(() => synthesized(stack)).not.toThrow();
  expect(door.document().secrets?.old?.waivers).toEqual(waivers);
});

describe("refuses at once, for nothing can be built on it:", () => {
  test("two entries of one id, whatever their kinds", () => {
    const { door } = rightDoor();
    expect(() => new Secret(door, "payments", { allowedHosts: [], maxAgeDays: 90 })).toThrow(
      "[egress/door] [duplicate-name] the id `payments` is taken by egress/door/payments, a Caller. Use another id.",
    );
  });

  test("an entry that is not on a door", () => {
    const { stack } = rightDoor();
    expect(() => new Route(typed(stack), "vendor", { owner: "team", target: "https://api.vendor.example" })).toThrow(
      "[egress] [not-a-door] `vendor` must be created on a ZeroTrustProxy. Pass the door as its scope.",
    );
  });

  test.each([undefined, null, {}])("an entry that is on %o", (scope) => {
    expect(() => new Secret(typed(scope), "key", { allowedHosts: [] })).toThrow(
      "[nothing] [not-a-door] `key` must be created on a ZeroTrustProxy. Pass the door as its scope.",
    );
  });

  test.each([
    [{ availabilityZones: [] }, "availability-zones"],
    [{ availabilityZones: ["eu-west-1a", "eu-west-1a"] }, "availability-zones"],
    [{ availabilityZones: Token.asList({ resolve: () => [] }) }, "unresolved-token"],
    [{ environment: Token.asString({ resolve: () => "x" }) }, "unresolved-token"],
    [{ cidr: "10.64.0.0/8" }, "bad-network"],
    [{ protection: typed("some") }, "bad-value"],
  ])("a door with %o", (props, rule) => {
    expect(() => doorIn("egress", props)).toThrow(`[egress/door] [${rule}] `);
  });
});

test("refuses to synthesize without the built function, and says how to get it", () => {
  const { stack, door } = doorIn("egress", {}, "/nowhere/lambda");
  const caller = Caller.iamRole(door, "payments", { account: "111111111111", roleName: "payments" });
  new Route(door, "vendor", { owner: "team", target: "https://api.vendor.example" }).allow("all", caller, { requests: ["GET /**"] });
  expect(() => synthesized(stack)).toThrow(
    "[egress/door/Signer/code] [lambda-bundle] the built function is not at /nowhere/lambda. Run `npm run build`",
  );
});
