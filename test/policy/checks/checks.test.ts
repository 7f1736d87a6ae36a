import { describe, expect, it } from "vitest";
import { CHECKS } from "../../../lib/policy/checks/index.js";
import { type Bend, problemsOf } from "../sample-policy.js";

interface Case {
  readonly rule: string;
  readonly severity: "error" | "guardrail" | "warning";
  /** Bends the sample so that the rule has something to judge and nothing to say. */
  readonly compliant: Bend;
  /** Each bends the sample so that the rule says exactly this. */
  readonly not: readonly (readonly [what: string, bend: Bend, at: string, message: string])[];
}

const grant =
  (more: object): Bend =>
  (policy) =>
    Object.assign(policy.grants["vendor-charge"], more);
const route =
  (more: object): Bend =>
  (policy) =>
    Object.assign(policy.routes.vendor, more);
const add =
  (section: string, entries: object): Bend =>
  (policy) => {
    policy[section] = { ...policy[section], ...entries };
  };
const all =
  (...bends: readonly Bend[]): Bend =>
  (policy) => {
    for (const bend of bends) bend(policy);
  };
const test = (more: object) =>
  add("tests", { charge: { caller: "app", route: "vendor", request: "POST /v1/charges", expect: "allow", ...more } });
const certificateCaller = (more: object) => add("callers", { app2: { kind: "client-certificate", authority: "vendor-client", ...more } });

const CASES: readonly Case[] = [
  {
    rule: "unknown-reference",
    severity: "error",
    compliant: all(
      route({ from: "office", sign: "vendor-hmac", tls: { clientCertificate: "vendor-client" } }),
      grant({ when: { from: "office" } }),
    ),
    not: [
      [
        "a signing profile's key",
        add("signingProfiles", { other: { kind: "hmac", key: "gone" } }),
        "/signingProfiles/other/key",
        "`gone` is not an entry of `secrets`",
      ],
      [
        "a caller's key",
        add("callers", { other: { kind: "hmac", key: "gone" } }),
        "/callers/other/key",
        "`gone` is not an entry of `secrets`",
      ],
      [
        "a caller's authority",
        certificateCaller({ authority: "gone", sanDns: "a.example" }),
        "/callers/app2/authority",
        "`gone` is not an entry of `certificates`",
      ],
      ["a route's IP policy", route({ from: "gone" }), "/routes/vendor/from", "`gone` is not an entry of `ipPolicies`"],
      ["a route's signing profile", route({ sign: "gone" }), "/routes/vendor/sign", "`gone` is not an entry of `signingProfiles`"],
      [
        "a route's certificate",
        route({ tls: { clientCertificate: "gone" } }),
        "/routes/vendor/tls/clientCertificate",
        "`gone` is not an entry of `certificates`",
      ],
      [
        "an injected secret",
        route({ inject: [{ kind: "bearer", secret: "gone" }] }),
        "/routes/vendor/inject/0/secret",
        "`gone` is not an entry of `secrets`",
      ],
      [
        "an injected secret with a name of Object.prototype",
        route({ inject: [{ kind: "bearer", secret: "constructor" }] }),
        "/routes/vendor/inject/0/secret",
        "`constructor` is not an entry of `secrets`",
      ],
      ["a grant's caller", grant({ caller: "constructor" }), "/grants/vendor-charge/caller", "`constructor` is not an entry of `callers`"],
      [
        "a grant's IP policy",
        grant({ when: { from: "constructor" } }),
        "/grants/vendor-charge/when/from",
        "`constructor` is not an entry of `ipPolicies`",
      ],
      ["a test's caller", test({ caller: "gone" }), "/tests/charge/caller", "`gone` is not an entry of `callers`"],
      ["a test's route", test({ route: "gone" }), "/tests/charge/route", "`gone` is not an entry of `routes`"],
      [
        "an approver",
        grant({ justInTime: { maxMinutes: 5, approvals: 1, approvers: ["app", "gone"] } }),
        "/grants/vendor-charge/justInTime/approvers/1",
        "`gone` is not an entry of `callers`",
      ],
    ],
  },
  {
    rule: "bad-target",
    severity: "error",
    compliant: route({ target: "https://api.vendor.example:8443/v2/" }),
    not: [
      [
        "a host in upper case",
        route({ target: "https://API.vendor.example" }),
        "/routes/vendor/target",
        "the target is not an origin in canonical form",
      ],
      [
        "an address in octal",
        route({ target: "https://0251.254.169.254" }),
        "/routes/vendor/target",
        "the target is not an origin in canonical form",
      ],
    ],
  },
  {
    rule: "bad-request-pattern",
    severity: "error",
    compliant: all(grant({ requests: ["GET /", "GET /a/{id}/**"] }), test({ request: "POST /v1/charges?limit=1" })),
    not: [
      [
        "`**` in the middle",
        grant({ requests: ["GET /a", "GET /**/a"] }),
        "/grants/vendor-charge/requests/1",
        "the request pattern cannot be used: `**` stands before the last segment",
      ],
      [
        "a test that no grant will ever judge",
        test({ request: "POST /v1/../charges" }),
        "/tests/charge/request",
        "the request is refused before any grant is looked at",
      ],
    ],
  },
  {
    rule: "bad-network",
    severity: "error",
    compliant: all(add("ipPolicies", { office: { allow: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"] } }), test({ from: "2001:db8::1" })),
    not: [
      [
        "host bits",
        add("ipPolicies", { office: { allow: ["10.0.0.1/8"] } }),
        "/ipPolicies/office/allow/0",
        'the network cannot be used: "10.0.0.1/8" has host bits set; write 10.0.0.0/8 for the network, 10.0.0.1 for the one address',
      ],
      [
        "octal in a deny list",
        add("ipPolicies", { office: { deny: ["192.0.2.0/24", "010.0.0.0/8"] } }),
        "/ipPolicies/office/deny/1",
        'the network cannot be used: "010.0.0.0" is not an address in dotted decimal or IPv6 text',
      ],
      ["a test's address", test({ from: "10.1" }), "/tests/charge/from", "the address cannot be read"],
    ],
  },
  {
    rule: "wildcard-host",
    severity: "error",
    compliant: add("secrets", {
      other: { source: { kind: "managed" }, allowedHosts: ["a.example:8443", "192.0.2.7", "[2001:db8::1]:443"], maxAgeDays: 1 },
    }),
    not: [
      [
        "a wildcard of a secret",
        add("secrets", { other: { source: { kind: "managed" }, allowedHosts: ["a.example", "*.a.example"], maxAgeDays: 1 } }),
        "/secrets/other/allowedHosts/1",
        "`*.a.example` is a wildcard",
      ],
      [
        "a broken host of a certificate",
        add("certificates", { other: { source: { kind: "managed" }, allowedHosts: ["a..example"] } }),
        "/certificates/other/allowedHosts/0",
        "`a..example` is not a host",
      ],
    ],
  },
  {
    rule: "host-not-allowed",
    severity: "error",
    compliant: route({ sign: "vendor-hmac", tls: { clientCertificate: "vendor-client" } }),
    not: [
      [
        "an injected secret of another host",
        route({ target: "https://api.other.example" }),
        "/routes/vendor/inject/0/secret",
        "`vendor-key` may not go to `api.other.example`",
      ],
      [
        "a caller's key, which may go nowhere",
        route({ inject: [{ kind: "bearer", secret: "app-key" }] }),
        "/routes/vendor/inject/0/secret",
        "`app-key` may not go to `api.vendor.example`",
      ],
      [
        "a signing key",
        route({ inject: [], sign: "vendor-hmac", target: "https://api.other.example" }),
        "/routes/vendor/sign",
        "`vendor-key` may not go to `api.other.example`",
      ],
      [
        "a client certificate",
        route({ inject: [], tls: { clientCertificate: "vendor-client" }, target: "https://api.other.example" }),
        "/routes/vendor/tls/clientCertificate",
        "`vendor-client` may not go to `api.other.example`",
      ],
      [
        "another port",
        all(
          add("secrets", { "vendor-key": { source: { kind: "managed" }, allowedHosts: ["api.vendor.example:443"], maxAgeDays: 9 } }),
          route({ target: "https://api.vendor.example:8443" }),
        ),
        "/routes/vendor/inject/0/secret",
        "`vendor-key` may not go to `api.vendor.example:8443`",
      ],
    ],
  },
  {
    rule: "injection-conflict",
    severity: "error",
    compliant: route({
      inject: [
        { kind: "bearer", secret: "vendor-key" },
        { kind: "header", name: "x-api-key", secret: "vendor-key" },
        { kind: "query", name: "authorization", secret: "vendor-key" },
      ],
    }),
    not: [
      [
        "two writers of Authorization",
        route({
          inject: [
            { kind: "bearer", secret: "vendor-key" },
            { kind: "basic", username: "u", secret: "vendor-key" },
          ],
        }),
        "/routes/vendor/inject/1",
        "the header authorization is written twice",
      ],
      [
        "two spellings of one header",
        route({
          inject: [
            { kind: "header", name: "x-api-key", secret: "vendor-key" },
            { kind: "header", name: "x_api_key", secret: "vendor-key" },
          ],
        }),
        "/routes/vendor/inject/1",
        "the header x-api-key is written twice",
      ],
      [
        "a header that the route's signature writes",
        all(
          add("signingProfiles", { aws: { kind: "sigv4", key: "vendor-key", region: "eu-west-1", service: "s3" } }),
          route({ sign: "aws" }),
        ),
        "/routes/vendor/inject/0",
        "the header authorization is written twice",
      ],
      [
        "two spellings of one query parameter",
        route({
          inject: [
            { kind: "query", name: "key", secret: "vendor-key" },
            { kind: "query", name: "KEY", secret: "vendor-key" },
          ],
        }),
        "/routes/vendor/inject/1",
        "the query parameter key is written twice",
      ],
      [
        "a header that carries the message itself",
        route({ inject: [{ kind: "header", name: "transfer_encoding", secret: "vendor-key" }] }),
        "/routes/vendor/inject/0",
        "the header transfer-encoding is reserved",
      ],
      ...[
        "accept.encoding",
        "content-type",
        "content-encoding",
        "range",
        "if-range",
        "forwarded",
        "x_forwarded_for",
        "sallyport-caller",
      ].map(
        (name) =>
          [
            name,
            route({ inject: [{ kind: "header", name, secret: "vendor-key" }] }),
            "/routes/vendor/inject/0",
            `the header ${name.replaceAll(/[._]/g, "-")} is reserved`,
          ] as const,
      ),
    ],
  },
  {
    rule: "signing-keys",
    severity: "error",
    compliant: all(
      add("signingProfiles", {
        several: { kind: "hmac", keys: { old: { key: "app-key", state: "verify-only" }, new: { key: "app-key" } } },
      }),
      add("callers", {
        app2: {
          kind: "hmac",
          keys: {
            "app2-2025": { key: "app-key", state: "verify-only", notAfter: "2026-02-01T00:00:00Z" },
            "app2-2026": { key: "app-key", notBefore: "2026-01-01T00:00:00Z", notAfter: "2027-01-01T00:00:00Z" },
          },
        },
      }),
    ),
    not: [
      ["no key", add("callers", { app2: { kind: "hmac" } }), "/callers/app2", "the keys are not told in one way"],
      [
        "both forms",
        add("callers", { app2: { kind: "hmac", key: "app-key", keys: { a: { key: "app-key" } } } }),
        "/callers/app2",
        "the keys are not told in one way",
      ],
      [
        "a key id beside several keys",
        add("signingProfiles", { p: { kind: "hmac", keyId: "a", keys: { a: { key: "app-key" } } } }),
        "/signingProfiles/p",
        "the keys are not told in one way",
      ],
      ["an empty map", add("callers", { app2: { kind: "hmac", keys: {} } }), "/callers/app2/keys", "no key can ever verify"],
      [
        "only a revoked key of a caller",
        add("callers", { app2: { kind: "hmac", keys: { a: { key: "app-key", state: "revoked" } } } }),
        "/callers/app2/keys",
        "no key can ever verify",
      ],
      [
        "a profile without an active key",
        add("signingProfiles", { p: { kind: "hmac", keys: { a: { key: "app-key", state: "verify-only" } } } }),
        "/signingProfiles/p/keys",
        "no key can ever sign",
      ],
      [
        "a time that ends before it begins",
        add("callers", {
          app2: { kind: "hmac", keys: { a: { key: "app-key", notBefore: "2026-01-01T00:00:01Z", notAfter: "2026-01-01T00:00:00Z" } } },
        }),
        "/callers/app2/keys/a/notAfter",
        "the key's time ends before it begins",
      ],
    ],
  },
  {
    rule: "duplicate-identity",
    severity: "error",
    compliant: add("callers", { app2: { kind: "hmac", key: "app-key", keyId: "app-2026" } }),
    not: [
      [
        "a key id that is another caller's name",
        add("callers", { app2: { kind: "hmac", key: "app-key", keyId: "app" } }),
        "/callers/app2",
        "has the same identity as the caller `app`",
      ],
      [
        "one of several key ids that is another caller's",
        add("callers", { app2: { kind: "hmac", keys: { new: { key: "app-key" }, app: { key: "app-key", state: "revoked" } } } }),
        "/callers/app2",
        "has the same identity as the caller `app`",
      ],
      [
        "one token",
        add("callers", { batch2: { kind: "bearer-token", sha256: "0123456789abcdef".repeat(4), waivers: [] } }),
        "/callers/batch2",
        "has the same identity as the caller `batch`",
      ],
      [
        "one role, be it a person's or not",
        add("callers", {
          lead: { kind: "iam-role", account: "222222222222", roleName: "lead" },
          leads: { kind: "iam-role", account: "222222222222", roleName: "lead", person: "session-name" },
        }),
        "/callers/leads",
        "has the same identity as the caller `lead`",
      ],
      [
        "one workflow, whatever the order of its fields",
        add("callers", {
          ci: { kind: "github-actions", repository: "acme/app", ref: "refs/heads/main" },
          ci2: { ref: "refs/heads/main", repository: "acme/app", kind: "github-actions" },
        }),
        "/callers/ci2",
        "has the same identity as the caller `ci`",
      ],
    ],
  },
  {
    rule: "duplicate-host",
    severity: "error",
    compliant: route({ hosts: ["vendor.door.example", "vendor.internal"] }),
    not: [
      [
        "one host of two routes",
        all(route({ hosts: ["vendor.door.example"] }), (policy) => {
          policy.routes.other = { ...policy.routes.vendor };
          policy.grants.other = { ...policy.grants["vendor-charge"], route: "other" };
        }),
        "/routes/other/hosts/0",
        "`vendor.door.example` already names the route `vendor`",
      ],
      ["a trailing dot", route({ hosts: ["vendor.door.example."] }), "/routes/vendor/hosts/0", "`vendor.door.example.` is not a host name"],
    ],
  },
  {
    rule: "unnamed-certificate",
    severity: "error",
    compliant: certificateCaller({ sanUri: "spiffe://acme.example/app" }),
    not: [
      ["no name at all", certificateCaller({}), "/callers/app2", "any certificate of the authority would be this caller"],
      [
        "a waiver in place of a name",
        certificateCaller({ waivers: [] }),
        "/callers/app2",
        "any certificate of the authority would be this caller",
      ],
    ],
  },
  {
    rule: "never-effective",
    severity: "error",
    compliant: all(
      add("ipPolicies", {
        partly: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] },
        site: { allow: ["10.2.0.0/16"] },
        v6: { deny: ["::/0"] },
      }),
      route({ from: "partly" }),
      grant({ when: { from: "site" } }),
      add("grants", {
        "narrower-deny": { caller: "app", route: "vendor", requests: ["POST /v1/charges/{id}"], effect: "deny" },
        "conditional-deny": { caller: "app", route: "vendor", requests: ["POST /**"], effect: "deny", when: { requireHeaders: ["x-a"] } },
        "deny-of-another": { caller: "batch", route: "vendor", requests: ["POST /**"], effect: "deny" },
      }),
    ),
    not: [
      [
        "an empty allow list",
        add("ipPolicies", { office: { allow: [] } }),
        "/ipPolicies/office",
        "no address can ever match this IP policy",
      ],
      [
        "an empty list of countries",
        add("ipPolicies", { office: { allow: ["10.0.0.0/8"], countries: [] } }),
        "/ipPolicies/office",
        "no address can ever match this IP policy",
      ],
      [
        "networks denied in pieces",
        add("ipPolicies", { office: { allow: ["10.0.0.0/8"], deny: ["10.0.0.0/9", "10.128.0.0/9"] } }),
        "/ipPolicies/office",
        "no address can ever match this IP policy",
      ],
      ["a grant of nothing", grant({ requests: [] }), "/grants/vendor-charge/requests", "the grant names no request"],
      [
        "an empty condition",
        grant({ when: { requireHeaders: [] } }),
        "/grants/vendor-charge/when",
        "an empty list in `when` matches nothing",
      ],
      [
        "an empty claim",
        grant({ when: { claims: { team: [] } } }),
        "/grants/vendor-charge/when",
        "an empty list in `when` matches nothing",
      ],
      [
        "no approver",
        grant({ justInTime: { maxMinutes: 5, approvals: 1, approvers: [] } }),
        "/grants/vendor-charge/justInTime",
        "an empty list in `justInTime` matches nothing",
      ],
      [
        "two IP policies with nothing in common",
        all(add("ipPolicies", { site: { allow: ["192.0.2.0/24"] } }), route({ from: "office" }), grant({ when: { from: "site" } })),
        "/grants/vendor-charge/when/from",
        "no address is in both the route's and the grant's IP policy",
      ],
      [
        "an allow that two denials cover",
        all(
          grant({ requests: ["POST /v1/charges", "GET /v1/charges/{id}"] }),
          add("grants", {
            "no-posts": { caller: "app", route: "vendor", requests: ["POST /**"], effect: "deny", when: {} },
            "no-gets": { caller: "app", route: "vendor", requests: ["GET /v1/{kind}/{id}"], effect: "deny" },
          }),
        ),
        "/grants/vendor-charge",
        "every request of this grant is denied by `no-posts`, `no-gets`",
      ],
      [
        "an allow under the same condition as its denial",
        all(
          grant({ when: { from: "office" } }),
          add("grants", { no: { caller: "app", route: "vendor", requests: ["POST /**"], effect: "deny", when: { from: "office" } } }),
        ),
        "/grants/vendor-charge",
        "every request of this grant is denied by `no`",
      ],
    ],
  },
  {
    rule: "cleartext-target",
    severity: "guardrail",
    compliant: route({ target: "https://api.vendor.example:8443" }),
    not: [["http", route({ target: "http://api.vendor.example" }), "/routes/vendor/target", "the target is not encrypted"]],
  },
  {
    rule: "open-network",
    severity: "guardrail",
    compliant: add("ipPolicies", {
      office: { allow: ["0.0.0.0/0"], deny: ["0.0.0.0/1", "::/0"] },
      v4: { allow: ["0.0.0.0/1"], deny: ["10.0.0.0/8"] },
      v6: { allow: ["2000::/4", "fc00::/7"] },
      ireland: { countries: ["IE"] },
      "not-from-the-lab": { countries: ["IE"], deny: ["192.0.2.0/24"] },
    }),
    not: [
      [
        "all of IPv4",
        add("ipPolicies", { office: { allow: ["0.0.0.0/0"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      [
        "all of IPv6",
        add("ipPolicies", { office: { allow: ["10.0.0.0/8", "::/0"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      [
        "all of IPv4 in two halves",
        add("ipPolicies", { office: { allow: ["128.0.0.0/1", "0.0.0.0/1"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      [
        "nearly all of IPv4 in pieces",
        add("ipPolicies", { office: { allow: ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3", "224.0.0.0/4"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      [
        "more than half of IPv4, less what is denied of it",
        add("ipPolicies", { office: { allow: ["0.0.0.0/0"], deny: ["10.0.0.0/8", "::/0"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      [
        "all that is routed of IPv6",
        add("ipPolicies", { office: { allow: ["2000::/3"], deny: ["2001:db8::/32"] } }),
        "/ipPolicies/office/allow",
        "the IP policy lets the whole Internet in",
      ],
      ["no list at all", add("ipPolicies", { office: {} }), "/ipPolicies/office", "the IP policy lets the whole Internet in"],
      [
        "a deny list alone",
        add("ipPolicies", { office: { deny: ["192.0.2.0/24"] } }),
        "/ipPolicies/office",
        "the IP policy lets the whole Internet in",
      ],
    ],
  },
  {
    rule: "secret-max-age",
    severity: "guardrail",
    compliant: add("secrets", { other: { source: { kind: "managed" }, allowedHosts: [], maxAgeDays: 3650 } }),
    not: [
      [
        "no age",
        add("secrets", { other: { source: { kind: "managed" }, allowedHosts: [] } }),
        "/secrets/other",
        "the secret has no `maxAgeDays`",
      ],
    ],
  },
  {
    rule: "route-without-grant",
    severity: "guardrail",
    compliant: add("grants", { no: { caller: "batch", route: "vendor", requests: ["GET /**"], effect: "deny" } }),
    not: [
      [
        "a route that nobody may use",
        add("routes", { spare: { owner: "t", target: "https://api.vendor.example" } }),
        "/routes/spare",
        "no grant allows anyone to use this route",
      ],
      ["a route with nothing but a denial", grant({ effect: "deny" }), "/routes/vendor", "no grant allows anyone to use this route"],
    ],
  },
  {
    rule: "literal-secret",
    severity: "guardrail",
    compliant: route({ owner: "arn:aws:iam::222222222222:role/PaymentsExecutionRole" }),
    not: [
      [
        "a token for a template",
        route({ inject: [{ kind: "header", name: "x-key", secret: "vendor-key", template: "sk_live_4eC39HqLyjWDarjt {secret}" }] }),
        "/routes/vendor/inject/0/template",
        "a text looks like a credential",
      ],
      [
        "a token as an owner",
        route({ owner: "ghp_16C7e42F292c6912E7710c838347Ae178B4a" }),
        "/routes/vendor/owner",
        "a text looks like a credential",
      ],
    ],
  },
  {
    rule: "weak-signature",
    severity: "guardrail",
    compliant: add("signingProfiles", {
      fresh: { kind: "preset", preset: "stripe", key: "vendor-key" },
      said: { kind: "preset", preset: "github", key: "vendor-key", weak: true },
      waived: {
        kind: "preset",
        preset: "twilio",
        key: "vendor-key",
        waivers: [{ rule: "weak-signature", reason: "lab", expires: "2026-12-31" }],
      },
    }),
    not: (["github", "shopify", "twilio"] as const).map((preset) => [
      preset,
      add("signingProfiles", { p: { kind: "preset", preset, key: "vendor-key" } }),
      "/signingProfiles/p",
      `the scheme \`${preset}\` is weak: a copied request stays valid, or it rests on SHA-1`,
    ]),
  },
  {
    rule: "unknown-waiver-rule",
    severity: "error",
    compliant: route({ waivers: [{ rule: "cleartext-target", reason: "lab", expires: "2026-12-31" }] }),
    not: [
      [
        "a rule that does not exist",
        route({ waivers: [{ rule: "clear-text-target", reason: "lab", expires: "2026-12-31" }] }),
        "/routes/vendor/waivers/0/rule",
        "`clear-text-target` is not a rule that a waiver can lift",
      ],
      [
        "a rule that nobody may lift",
        all((policy) => {
          policy.secrets["app-key"].waivers = [
            { rule: "secret-max-age", reason: "lab", expires: "2026-12-31" },
            { rule: "wildcard-host", reason: "lab", expires: "2026-12-31" },
          ];
        }),
        "/secrets/app-key/waivers/1/rule",
        "`wildcard-host` is not a rule that a waiver can lift",
      ],
    ],
  },
  {
    rule: "not-enforced",
    severity: "warning",
    compliant: grant({ when: { from: "office", requireHeaders: ["x-a"] } }),
    not: (
      [
        ["/grants/vendor-charge/justInTime", grant({ justInTime: { maxMinutes: 5, approvals: 1, approvers: ["batch"] } })],
        ["/grants/vendor-charge/when/risk", grant({ when: { risk: { below: 60 } } })],
        [
          "/grants/vendor-charge/when/times",
          grant({ when: { times: [{ zone: "Europe/Dublin", days: ["mon"], start: "09:00", end: "17:00" }] } }),
        ],
        ["/grants/vendor-charge/when/claims", grant({ when: { claims: { team: ["payments"] } } })],
        ["/grants/vendor-charge/when/device", grant({ when: { device: { managed: true } } })],
        ["/grants/vendor-charge/when/dataClasses", grant({ when: { dataClasses: ["personal"] } })],
        ["/grants/vendor-charge/when/query", grant({ when: { query: { limit: ["1"] } } })],
        ["/grants/vendor-charge/when/body", grant({ when: { body: { "/amount": [1] } } })],
        ["/ipPolicies/office/countries", add("ipPolicies", { office: { countries: ["IE"] } })],
        ["/routes/vendor/retry", route({ retry: { idempotencyHeader: "idempotency-key" } })],
        ["/routes/vendor/dataClass", route({ dataClass: "personal" })],
      ] as const
    ).map(([at, bend]) => [at, bend, at, `\`${at.split("/").at(-1)}\` is not enforced by this version`] as const),
  },
];

describe("the checks", () => {
  it("each have a case here, and a name of their own", () => {
    expect(CASES.map(({ rule, severity }) => ({ rule, severity }))).toEqual(CHECKS.map(({ rule, severity }) => ({ rule, severity })));
  });

  it("find nothing in the sample", () => {
    expect(problemsOf(() => {})).toEqual([]);
  });
});

describe.each(CASES)("$rule", ({ rule, severity, compliant, not }) => {
  it("has nothing to say of a compliant document", () => {
    expect(problemsOf(compliant).filter((problem) => problem.rule === rule)).toEqual([]);
  });

  it.each(not)("finds %s", (_what, bend, pointer, message) => {
    const found = problemsOf(bend).filter((problem) => problem.rule === rule);
    expect(found).toEqual([expect.objectContaining({ severity, rule, pointer, message })]);
    expect(found[0]?.cure).toMatch(/^[A-Z].*\.$/);
  });
});

describe("checks as a whole", () => {
  it("tell the problems of several rules at once", () => {
    const problems = problemsOf(
      all(route({ target: "http://API.vendor.example", from: "gone" }), grant({ requests: ["GET /a*"], caller: "nobody" })),
    );
    expect(problems.map(({ rule }) => rule)).toEqual([
      "unknown-reference",
      "unknown-reference",
      "bad-target",
      "bad-request-pattern",
      "cleartext-target",
    ]);
  });

  it("do not call a grant denied whose patterns cannot be read", () => {
    const bend = all(
      grant({ requests: ["GET /a*"] }),
      add("grants", { no: { caller: "batch", route: "vendor", requests: ["GET /"], effect: "deny" } }),
    );
    expect(problemsOf(bend).map(({ rule }) => rule)).toEqual(["bad-request-pattern"]);
  });

  it("never show a credential that stands where a name is looked up", () => {
    const problems = problemsOf(grant({ caller: "sk-a1b2c3d4e5f6g7h8i9j0k1l2" }));
    expect(problems.map(({ rule, found }) => `${rule} ${found}`)).toEqual(["unknown-reference [redacted]", "literal-secret [redacted]"]);
    expect(JSON.stringify(problems)).not.toContain("sk-a1b2");
  });
});
