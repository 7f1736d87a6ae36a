/**
 * Random valid policies: what the schema and the checks accept, with every kind of caller, injection and condition.
 * Names come from small pools, so that references, overlaps and denials are common.
 */
import fc from "fast-check";
import type {
  Caller,
  Certificate,
  Conditions,
  Injection,
  IpPolicy,
  JustInTime,
  PolicyDocument,
  PolicyTest,
  Route,
  Secret,
} from "../../lib/policy/document.generated.js";
import { pointerSegments } from "../../lib/policy/problem.js";
import { validateDocument } from "../../lib/policy/validate.js";

export const TODAY = "2026-06-15";
const HOST = "api.vendor.example";

/** An object with some of the optional fields. */
const some = <Fields extends object>(
  fields: { [Name in keyof Fields]: fc.Arbitrary<NonNullable<Fields[Name]>> },
): fc.Arbitrary<Partial<Fields>> => fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<Fields>>;

const listOf = <Item>(item: fc.Arbitrary<Item>, maxLength = 3) => fc.uniqueArray(item, { minLength: 1, maxLength });

/** Text as people write it, with what YAML and JSON treat specially. */
const text = fc.oneof(
  fc.constantFrom(
    "team-payments",
    "012",
    "yes",
    "null",
    "1e3",
    "- a",
    "a: b",
    "# a",
    "'q'",
    '"q"',
    "%YAML",
    "&a",
    "*a",
    "!t",
    "{id}",
    "[a]",
    "é日本",
  ),
  fc.string({ unit: fc.constantFrom(..."aZ9 :#-{}[],&*!|>'\"%@`~\\/?é€"), minLength: 1, maxLength: 12 }),
);

export const SEGMENTS = ["v1", "charges", "refunds", "users", "7"] as const;
export const METHODS = ["GET", "POST", "PUT", "HEAD"] as const;
export const HEADERS = ["idempotency-key", "x-request-id", "x-tenant"] as const;
export const NETWORKS = ["10.1.0.0/16", "192.0.2.0/24", "2001:db8::/32", "::/1", "198.51.100.7", "::ffff:203.0.113.0/120"] as const;
export const COUNTRIES = ["FR", "DE", "unknown"] as const;
const SECRETS = ["stripe-key", "partner-key"] as const;
const CERTIFICATES = ["partner-client", "callers-ca"] as const;
export const IP_POLICIES = ["office", "vpc", "partners"] as const;
export const CALLERS = ["payments", "ci", "oncall", "leads", "batch", "mesh", "partner-app"] as const;
export const ROUTES = ["stripe", "partner", "search"] as const;

const waivers = fc.array(
  fc.record({
    rule: fc.constantFrom("secret-max-age", "open-network"),
    reason: text,
    expires: fc.constantFrom("2026-12-31", "2030-02-28"),
  }),
  { minLength: 1, maxLength: 2 },
);

const source = fc.oneof(
  fc.record({ kind: fc.constant("managed" as const) }),
  fc.record(
    { kind: fc.constant("secrets-manager" as const), name: fc.constantFrom("prod/stripe", "prod/partner@v2"), field: text },
    { requiredKeys: ["kind", "name"] },
  ),
);
const allowedHosts = fc.constantFrom<string[]>([HOST], [HOST, "192.0.2.7:8443"], ["other.example", HOST]);

const secret: fc.Arbitrary<Secret> = fc.record(
  { source, allowedHosts, maxAgeDays: fc.integer({ min: 1, max: 3650 }), waivers },
  { requiredKeys: ["source", "allowedHosts", "maxAgeDays"] },
);
const certificate: fc.Arbitrary<Certificate> = fc.record(
  { source, allowedHosts, expiryAlertDays: fc.integer({ min: 1, max: 365 }), waivers },
  { requiredKeys: ["source", "allowedHosts"] },
);
/** Most lists hold what most requests come from, so that a fair share is allowed. */
const usually = <Item>(usual: Item, others: readonly Item[]): fc.Arbitrary<Item[]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.subarray([...others], { maxLength: 2 }).map((more) => [usual, ...more]) },
    { weight: 1, arbitrary: fc.subarray([...others], { minLength: 1, maxLength: 3 }) },
  );

/** Allows and denials from disjoint pools, so that no allow list is wholly denied. */
const ipPolicy: fc.Arbitrary<IpPolicy> = some<IpPolicy>({
  allow: usually<string>("10.0.0.0/8", NETWORKS),
  deny: listOf(fc.constantFrom("10.1.2.0/24", "192.0.2.9", "2001:db8:1::/48")),
  countries: usually<string>("IE", COUNTRIES),
  waivers,
});

const hex64 = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const claims = fc.dictionary(fc.constantFrom("team", "https://acme.example/role", "sub"), listOf(text), { minKeys: 1, maxKeys: 2 });

/** One caller of each kind, and two roles; each is its own identity by its name. */
const CALLER_OF: { readonly [Name in (typeof CALLERS)[number]]: fc.Arbitrary<Caller> } = {
  payments: fc.record(
    {
      kind: fc.constant("hmac"),
      key: fc.constantFrom(...SECRETS),
      keyId: fc.constantFrom("payments-2026", "P.1_x-"),
      windowSeconds: fc.integer({ min: 1, max: 900 }),
      waivers,
    },
    { requiredKeys: ["kind", "key"] },
  ),
  batch: fc.record({ kind: fc.constant("bearer-token"), sha256: hex64, waivers }, { requiredKeys: ["kind", "sha256"] }),
  oncall: fc.record(
    {
      kind: fc.constant("iam-role"),
      account: fc.constantFrom("222222222222", "000000000012"),
      roleName: fc.constant("oncall"),
      person: fc.constant("session-name"),
    },
    { requiredKeys: ["kind", "account", "roleName"] },
  ),
  leads: fc.record(
    { kind: fc.constant("iam-role"), account: fc.constant("222222222222"), roleName: fc.constant("leads+1@x"), waivers },
    { requiredKeys: ["kind", "account", "roleName"] },
  ),
  ci: fc.record(
    { kind: fc.constant("github-actions"), repository: fc.constant("acme/app"), environment: text, ref: text },
    { requiredKeys: ["kind", "repository"] },
  ),
  mesh: fc.record(
    { kind: fc.constant("jwt"), issuer: fc.constant("https://id.acme.example/a?b#c"), audience: text, claims },
    { requiredKeys: ["kind", "issuer", "audience"] },
  ),
  "partner-app": fc.record(
    {
      kind: fc.constant("client-certificate"),
      authority: fc.constant("callers-ca"),
      sanDns: fc.constant("app.partner.example"),
      sanUri: text,
      subject: text,
      sha256: hex64,
    },
    { requiredKeys: ["kind", "authority", "sanDns"] },
  ),
};

const injectedSecret = fc.constantFrom(...SECRETS);
/** At most one injection a place. */
const inject: fc.Arbitrary<Injection[]> = fc
  .tuple(
    fc.oneof(
      fc.record({ kind: fc.constant("bearer" as const), secret: injectedSecret }),
      fc.record({ kind: fc.constant("basic" as const), username: fc.constantFrom("", "user", "a b'\"#"), secret: injectedSecret }),
    ),
    fc.record(
      {
        kind: fc.constant("header" as const),
        name: fc.constantFrom("x-api-key", "api_key"),
        secret: injectedSecret,
        template: fc.constantFrom("{secret}", "Token token={secret} # x"),
      },
      { requiredKeys: ["kind", "name", "secret"] },
    ),
    fc.record({ kind: fc.constant("query" as const), name: fc.constantFrom("key", "api.key~1"), secret: injectedSecret }),
  )
  .chain((injections) => fc.subarray<Injection>(injections));

const route = (name: string): fc.Arbitrary<Route> =>
  fc.record(
    {
      owner: text,
      target: fc.constantFrom(`https://${HOST}`, `https://${HOST}:8443/v2`, `https://${HOST}/a/b/`),
      hosts: fc.constant([`${name}.door.example`]),
      from: fc.constantFrom(...IP_POLICIES),
      inject,
      sign: fc.constant("partner-hmac"),
      tls: fc.constantFrom({}, { clientCertificate: "partner-client" }),
      headers: fc.constantFrom({}, { forward: [] }, { forward: ["accept", "content-type"] }),
      limits: some({ maxBodyBytes: fc.nat(104_857_600), deadlineSeconds: fc.integer({ min: 1, max: 900 }) }),
      retry: fc.constantFrom({}, { idempotencyHeader: "idempotency-key" }),
      dataClass: fc.constantFrom("personal", "public"),
      waivers,
    },
    { requiredKeys: ["owner", "target"] },
  );

export const requestPattern = fc
  .record({
    method: fc.constantFrom(...METHODS),
    segments: fc.array(fc.constantFrom(...SEGMENTS, "{id}", "{name}"), { maxLength: 3 }),
    rest: fc.boolean(),
  })
  .map(({ method, segments, rest }) => `${method} /${[...segments, ...(rest ? ["**"] : [])].join("/")}`);

const conditions: fc.Arbitrary<Conditions> = some<Conditions>({
  from: fc.constantFrom(...IP_POLICIES),
  requireHeaders: listOf(fc.constantFrom(...HEADERS), 2),
  risk: fc.record({ below: fc.integer({ min: 1, max: 100 }) }),
  times: fc
    .constant([{ zone: "Europe/Dublin", days: ["mon", "fri"], start: "09:00", end: "24:00" }] as const)
    .map((windows) => windows.map((window) => ({ ...window, days: [...window.days] }))),
  claims,
  device: some({
    managed: fc.boolean(),
    compliant: fc.boolean(),
    platforms: listOf(fc.constantFrom("linux", "macos")),
    checkedWithinHours: fc.integer({ min: 1, max: 8760 }),
  }),
  dataClasses: listOf(fc.constantFrom("personal", "public")),
  query: fc.dictionary(text, listOf(text), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  body: fc.dictionary(
    fc.constantFrom("/amount", "/a~1b/0", "/"),
    listOf<string | number | boolean>(
      fc.oneof(
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.001, max: 1e6 }).map((value) => Math.round(value * 1000) / 1000),
        fc.boolean(),
      ),
    ),
    { minKeys: 1, maxKeys: 2, noNullPrototype: true },
  ),
});

/** Conditions that a request can meet, none, or any: so that allowing, denying and unmet grants all come up. */
const when = fc.oneof(
  {
    weight: 5,
    arbitrary: some<Conditions>({
      from: fc.constantFrom(...IP_POLICIES),
      requireHeaders: listOf(fc.constantFrom(...HEADERS), 2),
      risk: fc.record({ below: fc.integer({ min: 1, max: 100 }) }),
    }),
  },
  { weight: 1, arbitrary: conditions },
);

const justInTime: fc.Arbitrary<JustInTime> = fc.record({
  maxMinutes: fc.integer({ min: 1, max: 1440 }),
  approvers: listOf(fc.constantFrom(...CALLERS)),
  approvals: fc.integer({ min: 1, max: 10 }),
});

/** Absent `weight` times as often as present. */
const absent = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** A just-in-time grant allows; its absent parts are dropped when the document is made plain. */
const grant = fc
  .record({
    caller: fc.constantFrom(...CALLERS),
    route: fc.constantFrom(...ROUTES),
    requests: listOf(requestPattern),
    effect: absent(4, fc.constantFrom("allow" as const, "deny" as const)),
    when: absent(1, when),
    justInTime: absent(9, justInTime),
  })
  .map(({ justInTime, ...grant }) => ({ ...grant, justInTime: grant.effect === "deny" ? undefined : justInTime }));

const test: fc.Arbitrary<PolicyTest> = fc.record(
  {
    caller: fc.constantFrom(...CALLERS),
    route: fc.constantFrom(...ROUTES),
    request: fc.constantFrom("GET /", "POST /v1/charges?limit=1", "GET /v1//users/"),
    from: fc.constantFrom("10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3"),
    country: fc.constantFrom("IE", ...COUNTRIES),
    headers: fc.subarray([...HEADERS]),
    risk: fc.nat(100),
    expect: fc.constantFrom("allow" as const, "deny" as const),
  },
  { requiredKeys: ["caller", "route", "request", "expect"] },
);

const every = <Name extends string, Entry>(
  names: readonly Name[],
  entry: (name: Name) => fc.Arbitrary<Entry>,
): fc.Arbitrary<Record<string, Entry>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, entry(name)])) as Record<string, fc.Arbitrary<Entry>>);

const numbered = <Entry>(entries: readonly Entry[], stem: string): Record<string, Entry> =>
  Object.fromEntries(entries.map((entry, index) => [`${stem}-${index}`, entry]));

const document = fc.record(
  {
    version: fc.constant(1 as const),
    name: fc.constantFrom("door", "a", "null", "e2e"),
    environment: fc.constantFrom("prod", "dev"),
    secrets: every(SECRETS, () => secret),
    certificates: every(CERTIFICATES, () => certificate),
    ipPolicies: every(IP_POLICIES, () => ipPolicy),
    signingProfiles: fc.record({
      "partner-hmac": fc.record(
        {
          kind: fc.constant("hmac" as const),
          key: injectedSecret,
          keyId: fc.constant("door.1"),
          form: fc.constantFrom("strict" as const, "plain" as const),
          waivers,
        },
        { requiredKeys: ["kind", "key"] },
      ),
    }),
    callers: every(CALLERS, (name) => CALLER_OF[name]),
    routes: every(ROUTES, route),
    grants: fc.array(grant, { minLength: 1, maxLength: 24 }).map((grants) => numbered(grants, "grant")),
    tests: fc.array(test, { maxLength: 3 }).map((tests) => numbered(tests, "test")),
  },
  {
    requiredKeys: [
      "version",
      "name",
      "environment",
      "secrets",
      "certificates",
      "ipPolicies",
      "signingProfiles",
      "callers",
      "routes",
      "grants",
    ],
  },
);

/** Without the grants that can never take effect, and with a waiver for each route that then has none and for each open IP policy. */
function mended(document: PolicyDocument): PolicyDocument {
  const without = { ...document, grants: { ...document.grants } };
  for (const { rule, pointer } of validateDocument(document, { today: TODAY }).problems) {
    const [section, id] = pointerSegments(pointer);
    if (rule === "never-effective" && section === "grants") delete without.grants[id!];
  }
  for (const { rule, pointer } of validateDocument(without, { today: TODAY }).problems) {
    if (rule !== "route-without-grant" && rule !== "open-network") continue;
    const [section, id] = pointerSegments(pointer) as ["routes" | "ipPolicies", string];
    const waivers = [{ rule, reason: "spare", expires: "2026-12-31" }];
    without[section] = { ...without[section], [id]: { ...without[section]![id], waivers } } as PolicyDocument["routes"];
  }
  return without;
}

/** Documents without an error or an unwaived guardrail on {@link TODAY}; as plain as what JSON gives. */
export const anyPolicy: fc.Arbitrary<PolicyDocument> = document.map((value) => mended(JSON.parse(JSON.stringify(value))));
