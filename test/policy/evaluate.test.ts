import { describe, expect, it } from "vitest";
import { accessRequest, type DescribedRequest } from "../../lib/policy/access-request.js";
import { compilePolicy } from "../../lib/policy/compile.js";
import type { Conditions, Grant, IpPolicy, PolicyDocument } from "../../lib/policy/document.generated.js";
import { type Decision, evaluate } from "../../lib/policy/evaluate.js";
import { samplePolicy } from "./sample-policy.js";

const withGrants = (grants: Record<string, Partial<Grant>>, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  ...samplePolicy(),
  ...more,
  grants: Object.fromEntries(
    Object.entries(grants).map(([id, grant]) => [id, { caller: "app", route: "vendor", requests: ["GET /a"], ...grant } as Grant]),
  ),
});

const decide = (document: PolicyDocument, request: string, more: Partial<DescribedRequest> = {}): Decision =>
  evaluate(compilePolicy(document), accessRequest({ caller: "app", route: "vendor", request, ...more }));

const allowed = (rule: string): Decision => ({ effect: "allow", rule, reason: "granted" });
const NOT_GRANTED: Decision = { effect: "deny", reason: "NOT_GRANTED", details: {} };
const unmet = (rule: string, ...conditions: string[]): Decision => ({
  effect: "deny",
  rule,
  reason: "CONDITION_NOT_MET",
  details: { conditions },
});
const deniedBy = (rule: string): Decision => ({ effect: "deny", rule, reason: "DENIED_BY_RULE", details: {} });

describe("a request pattern", () => {
  it.each([
    ["GET /v1/charges", "GET /v1/charges"],
    ["GET /v1/charges", "GET /v1/charges?limit=3"],
    ["GET /~user", "GET /%7Euser"],
    ["GET /%7Euser", "GET /~user"],
    ["GET /caf%C3%A9", "GET /caf%c3%a9"],
    ["GET /", "GET /"],
    ["GET /releases/{id}", "GET /releases/7"],
    ["GET /releases/{id}", "GET /releases/%7Bid%7D"],
    ["GET /{a}/{b}", "GET /x/y"],
    ["GET /**", "GET /"],
    ["GET /**", "GET /a/b/c"],
    ["GET /a/**", "GET /a"],
    ["GET /a/**", "GET /a/"],
    ["GET /a/**", "GET /a//b"],
    ["GET /**", "GET //"],
    ["GET /{a}/**", "GET /x/"],
    ["HEAD /a", "HEAD /a"],
  ])("%s matches %s", (pattern, request) => {
    expect(decide(withGrants({ read: { requests: [pattern] } }), request)).toEqual(allowed("read"));
  });

  it.each([
    ["GET /v1/charges", "GET /v1/Charges"],
    ["GET /v1/charges", "GET /v1/charge"],
    ["GET /v1/charges", "GET /v1/charges/1"],
    ["GET /v1/charges", "GET /v1/charges/"],
    ["GET /v1/charges", "GET //v1/charges"],
    ["GET /v1/charges", "GET /v1//charges"],
    ["GET /v1/charges", "GET /v1"],
    ["GET /", "GET //"],
    ["GET /", "GET /a"],
    ["GET /releases/{id}", "GET /releases/"],
    ["GET /releases/{id}", "GET /releases"],
    ["GET /releases/{id}", "GET /releases/7/"],
    ["GET /releases/{id}", "GET /releases/7/8"],
    ["GET /{a}/**", "GET /"],
    ["GET /{a}/**", "GET //x"],
    ["GET /a/**", "GET /ab"],
    ["GET /a/**", "GET /A"],
    ["GET /a", "HEAD /a"],
    ["GET /**", "HEAD /a"],
    ["GET /a", "POST /a"],
  ])("%s does not match %s", (pattern, request) => {
    expect(decide(withGrants({ read: { requests: [pattern] } }), request)).toEqual(NOT_GRANTED);
  });

  it("is found behind a literal that leads nowhere", () => {
    const document = withGrants({
      literal: { requests: ["GET /a/b/c"] },
      parameter: { requests: ["GET /{x}/b/d"] },
      rest: { requests: ["GET /a/{y}/**"] },
    });
    expect(decide(document, "GET /a/b/c")).toMatchObject({ effect: "allow" });
    expect(decide(document, "GET /a/b/d")).toMatchObject({ effect: "allow" });
    expect(decide(document, "GET /z/b/d")).toEqual(allowed("parameter"));
    expect(decide(document, "GET /a/z/z/z")).toEqual(allowed("rest"));
    expect(decide(document, "GET /z/b/c")).toEqual(NOT_GRANTED);
  });
});

describe("caller and route", () => {
  it("are both those of the grant", () => {
    const document = withGrants({ read: {} });
    expect(decide(document, "GET /a", { caller: "batch" })).toEqual(NOT_GRANTED);
    expect(decide(document, "GET /a", { route: "other" })).toEqual(NOT_GRANTED);
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", ""])("named %j match nothing by accident", (name) => {
    const document = withGrants({ read: { requests: ["GET /a", "GET /{x}/b"], when: { requireHeaders: ["x-a"] } } });
    expect(decide(document, "GET /a", { caller: name })).toEqual(NOT_GRANTED);
    expect(decide(document, "GET /a", { route: name })).toEqual(NOT_GRANTED);
    expect(decide(document, `GET /${name}`)).toEqual(NOT_GRANTED);
    expect(decide(document, `GET /a/${name}`)).toEqual(NOT_GRANTED);
    expect(decide(document, "GET /a", { headers: [name] })).toEqual(unmet("read", "requireHeaders"));
  });

  it("may bear names of Object.prototype that the policy itself gives", () => {
    const document = withGrants({ constructor: { caller: "constructor", route: "constructor", requests: ["GET /constructor"] } });
    const { app } = document.callers;
    const { vendor } = document.routes;
    const named = { ...document, callers: { constructor: app! }, routes: { constructor: vendor! } };
    expect(decide(named, "GET /constructor", { caller: "constructor", route: "constructor" })).toEqual(allowed("constructor"));
    expect(decide(named, "GET /toString", { caller: "constructor", route: "constructor" })).toEqual(NOT_GRANTED);
  });
});

describe("a deny rule", () => {
  it("beats every allow, however exact the allow is and wherever it stands", () => {
    const document = withGrants({ "a-exact": {}, "m-deny": { requests: ["GET /**"], effect: "deny" }, "z-exact": {} });
    expect(decide(document, "GET /a")).toEqual(deniedBy("m-deny"));
  });

  it("leaves what it does not match", () => {
    const document = withGrants({ read: { requests: ["GET /**"] }, secret: { requests: ["GET /a/{x}"], effect: "deny" } });
    expect(decide(document, "GET /a")).toEqual(allowed("read"));
    expect(decide(document, "GET /a/b")).toEqual(deniedBy("secret"));
    expect(decide(document, "GET /a/b/c")).toEqual(allowed("read"));
    expect(decide(document, "POST /a/b")).not.toEqual(deniedBy("secret"));
  });

  it.each(["GET /admin", "GET //admin", "GET /admin/", "GET /admin//x", "GET /%40dmin", "GET /@dmin//"])(
    "denies %s in every spelling that some upstream takes for the same path",
    (request) => {
      const requests = ["GET /admin/**", "GET /@dmin"];
      expect(decide(withGrants({ read: { requests: ["GET /**"] }, secret: { requests, effect: "deny" } }), request)).toEqual(
        deniedBy("secret"),
      );
    },
  );

  it("spells an allow in one way only", () => {
    const document = withGrants({ read: { requests: ["GET /admin", "GET /@me"] } });
    for (const request of ["GET //admin", "GET /admin/", "GET /%40me"])
      expect(decide(document, request)).toMatchObject({ reason: "NOT_GRANTED" });
  });

  it("denies while it is unknown whether the header that it asks for is there", () => {
    const policy = compilePolicy(withGrants({ read: {}, secret: { effect: "deny", when: { requireHeaders: ["x-admin"] } } }));
    const request = accessRequest({ caller: "app", route: "vendor", request: "GET /a" });
    expect(evaluate(policy, { ...request, hasHeader: () => undefined })).toEqual(deniedBy("secret"));
    expect(evaluate(policy, { ...request, hasHeader: () => false })).toEqual(allowed("read"));
  });

  it("does not apply where a condition of it surely does not hold", () => {
    const document = withGrants({ read: {}, outside: { effect: "deny", when: { from: "office" } } });
    expect(decide(document, "GET /a", { from: "192.0.2.1" })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "10.1.2.3" })).toEqual(deniedBy("outside"));
  });

  it.each<[string, Conditions]>([
    ["a source", { from: "office" }],
    ["a risk", { risk: { below: 60 } }],
    ["a time", { times: [{ zone: "Europe/Dublin", days: ["mon"], start: "09:00", end: "17:00" }] }],
    ["a claim", { claims: { team: ["payments"] } }],
    ["a device", { device: { managed: true } }],
    ["a data class", { dataClasses: ["personal"] }],
    ["a query field", { query: { limit: ["1"] } }],
    ["a body field", { body: { "/amount": [1] } }],
  ])("still denies, and an allow does not allow, while %s is unknown", (_what, when) => {
    expect(decide(withGrants({ read: {}, no: { effect: "deny", when } }), "GET /a")).toEqual(deniedBy("no"));
    expect(decide(withGrants({ read: { when } }), "GET /a")).toEqual(unmet("read", Object.keys(when)[0]!));
  });

  it("applies when an unknown condition stands beside one that holds, and not beside one that does not", () => {
    const when: Conditions = { requireHeaders: ["x-a"], risk: { below: 60 } };
    const document = withGrants({ read: {}, no: { effect: "deny", when } });
    expect(decide(document, "GET /a", { headers: ["x-a"] })).toEqual(deniedBy("no"));
    expect(decide(document, "GET /a", { headers: [] })).toEqual(allowed("read"));
  });
});

describe("a condition", () => {
  const when = (conditions: Conditions, ipPolicies: Record<string, IpPolicy> = {}) =>
    withGrants({ read: { when: conditions } }, { ipPolicies: { ...samplePolicy().ipPolicies, ...ipPolicies } });

  it("is not needed where none is named", () => {
    expect(decide(withGrants({ read: { when: {} } }), "GET /a")).toEqual(allowed("read"));
  });

  it("must hold together with every other, and each that does not is named", () => {
    const document = when({ from: "office", requireHeaders: ["x-a"], risk: { below: 60 } });
    expect(decide(document, "GET /a", { from: "10.0.0.1", headers: ["x-a"], risk: 59 })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "10.0.0.1", headers: ["x-a"], risk: 60 })).toEqual(unmet("read", "risk"));
    expect(decide(document, "GET /a", { from: "11.0.0.1" })).toEqual(unmet("read", "from", "requireHeaders", "risk"));
  });

  it("of required headers wants them all, and matches nothing when empty", () => {
    const document = when({ requireHeaders: ["x-a", "x-b"] });
    expect(decide(document, "GET /a", { headers: ["x-b", "x-c", "x-a"] })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { headers: ["x-a"] })).toEqual(unmet("read", "requireHeaders"));
    expect(decide(when({ requireHeaders: [] }), "GET /a", { headers: ["x-a"] })).toEqual(unmet("read", "requireHeaders"));
  });

  it("of risk wants it below the limit", () => {
    const document = when({ risk: { below: 1 } });
    expect(decide(document, "GET /a", { risk: 0 })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { risk: 1 })).toEqual(unmet("read", "risk"));
    expect(decide(document, "GET /a")).toEqual(unmet("read", "risk"));
  });

  it("of a source judges an IPv4-mapped address as IPv4", () => {
    expect(decide(when({ from: "office" }), "GET /a", { from: "::ffff:10.1.2.3" })).toEqual(allowed("read"));
    expect(decide(when({ from: "six" }, { six: { allow: ["::/0"] } }), "GET /a", { from: "::ffff:10.1.2.3" })).toEqual(
      unmet("read", "from"),
    );
    expect(decide(when({ from: "six" }, { six: { allow: ["::/0"] } }), "GET /a", { from: "10.1.2.3" })).toEqual(unmet("read", "from"));
    expect(decide(when({ from: "mapped" }, { mapped: { allow: ["::ffff:10.0.0.0/104"] } }), "GET /a", { from: "10.1.2.3" })).toEqual(
      allowed("read"),
    );
  });

  it("of a source lets deny beat allow", () => {
    const document = when({ from: "partly" }, { partly: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] } });
    expect(decide(document, "GET /a", { from: "10.2.0.0" })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "10.1.255.255" })).toEqual(unmet("read", "from"));
  });

  it("of a source with nothing but a deny list lets the rest in", () => {
    const document = when({ from: "most" }, { most: { deny: ["192.0.2.0/24"] } });
    expect(decide(document, "GET /a", { from: "198.51.100.1" })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "192.0.2.1" })).toEqual(unmet("read", "from"));
    expect(decide(document, "GET /a")).toEqual(unmet("read", "from"));
  });

  it("of a source with an empty list matches nothing", () => {
    expect(decide(when({ from: "none" }, { none: { allow: [] } }), "GET /a", { from: "10.0.0.1" })).toEqual(unmet("read", "from"));
    expect(decide(when({ from: "none" }, { none: { countries: [] } }), "GET /a", { from: "10.0.0.1", country: "IE" })).toEqual(
      unmet("read", "from"),
    );
  });

  it("of a source wants network and country both, and takes an unknown country only where `unknown` is named", () => {
    const document = when({ from: "irish" }, { irish: { allow: ["10.0.0.0/8"], countries: ["IE"] } });
    expect(decide(document, "GET /a", { from: "10.0.0.1", country: "IE" })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "10.0.0.1", country: "FR" })).toEqual(unmet("read", "from"));
    expect(decide(document, "GET /a", { from: "11.0.0.1", country: "IE" })).toEqual(unmet("read", "from"));
    expect(decide(document, "GET /a", { from: "10.0.0.1" })).toEqual(unmet("read", "from"));
    expect(decide(when({ from: "lost" }, { lost: { countries: ["unknown"] } }), "GET /a")).toEqual(allowed("read"));
    expect(decide(when({ from: "lost" }, { lost: { countries: ["unknown"] } }), "GET /a", { country: "IE" })).toEqual(
      unmet("read", "from"),
    );
  });

  it("of just-in-time access is never met by the policy alone", () => {
    const document = withGrants({ debug: { justInTime: { maxMinutes: 60, approvers: ["batch"], approvals: 1 } } });
    expect(decide(document, "GET /a")).toEqual(unmet("debug", "justInTime"));
  });
});

describe("a route's IP policy", () => {
  const document = withGrants(
    { read: { when: { from: "site" } } },
    { ipPolicies: { office: { allow: ["10.0.0.0/8"] }, site: { allow: ["10.1.0.0/16", "192.0.2.0/24"] } } },
  );
  document.routes.vendor!.from = "office";

  it("must hold, and the grant's too", () => {
    expect(decide(document, "GET /a", { from: "10.1.0.1" })).toEqual(allowed("read"));
    expect(decide(document, "GET /a", { from: "10.2.0.1" })).toEqual(unmet("read", "from"));
  });

  it("is judged before any grant, and an unknown source is outside", () => {
    const outside: Decision = { effect: "deny", reason: "SOURCE_NOT_ALLOWED", details: {} };
    expect(decide(document, "GET /a", { from: "192.0.2.1" })).toEqual(outside);
    expect(decide(document, "GET /b", { from: "192.0.2.1" })).toEqual(outside);
    expect(decide(document, "GET /a")).toEqual(outside);
  });
});

describe("the rule that a decision names", () => {
  const grants: Record<string, Partial<Grant>> = {
    "b-read": { requests: ["GET /a/{x}"] },
    "a-read": { requests: ["GET /a/{x}"] },
    "c-late": { requests: ["GET /b"], when: { requireHeaders: ["x-a"] } },
    "b-late": { requests: ["GET /b"], when: { requireHeaders: ["x-a"] } },
    "z-deny": { requests: ["GET /c"], effect: "deny" },
    "y-deny": { requests: ["GET /c"], effect: "deny" },
  };

  it.each([
    ["as written", Object.keys(grants)],
    ["sorted", Object.keys(grants).sort()],
    ["reversed", Object.keys(grants).sort().reverse()],
  ])("is the same when the grants stand %s", (_how, order) => {
    const document = withGrants(Object.fromEntries(order.map((id) => [id, grants[id]!])));
    expect(decide(document, "GET /a/1")).toEqual(allowed("a-read"));
    expect(decide(document, "GET /b")).toEqual(unmet("b-late", "requireHeaders"));
    expect(decide(document, "GET /c")).toEqual(deniedBy("y-deny"));
  });

  it("is one whose conditions hold, where another's do not", () => {
    const document = withGrants({ a: { when: { requireHeaders: ["x-a"] } }, b: {} });
    expect(decide(document, "GET /a")).toEqual(allowed("b"));
  });
});
