/** The document that the design shows in full: one of every part, with its own tests. */
import { describe, expect, it } from "vitest";
import { SallyportError } from "../../lib/errors.js";
import { compilePolicy } from "../../lib/policy/compile.js";
import { loadPolicy } from "../../lib/policy/load.js";
import { parsePolicy } from "../../lib/policy/parse.js";
import { runPolicyTests } from "../../lib/policy/tests.js";
import { TODAY } from "./sample-policy.js";

const text = `version: 1
name: door
environment: prod
secrets:
  stripe-key:       { source: { kind: secrets-manager, name: prod/stripe, field: apiKey }, allowedHosts: [api.stripe.com], maxAgeDays: 90 }
  partner-hmac-key: { source: { kind: managed }, allowedHosts: [api.partner.example], maxAgeDays: 180 }
certificates:
  partner-client:   { source: { kind: managed }, allowedHosts: [api.partner.example], expiryAlertDays: 30 }
ipPolicies:
  vpc: { allow: [10.0.0.0/8] }
signingProfiles:
  partner-hmac: { kind: hmac, key: partner-hmac-key }
callers:
  payments: { kind: iam-role, account: "222222222222", roleName: payments }
  ci:       { kind: github-actions, repository: acme/app, environment: prod }
  oncall:   { kind: iam-role, account: "222222222222", roleName: oncall, person: session-name }
  leads:    { kind: iam-role, account: "222222222222", roleName: leads, person: session-name }
routes:
  stripe:
    owner: team-payments
    target: https://api.stripe.com
    inject: [{ kind: bearer, secret: stripe-key }]
    retry: { idempotencyHeader: idempotency-key }
  partner:
    owner: team-platform
    target: https://api.partner.example/v2
    tls: { clientCertificate: partner-client }
    sign: partner-hmac
grants:
  stripe-charge:
    caller: payments
    route: stripe
    requests: [POST /v1/charges, POST /v1/refunds]
    when: { from: vpc, requireHeaders: [idempotency-key], risk: { below: 60 } }
  partner-release:
    caller: ci
    route: partner
    requests:
      - PUT /releases/{id}
  partner-debug:
    caller: oncall
    route: partner
    requests: [GET /**]
    justInTime: { maxMinutes: 60, approvers: [leads], approvals: 1 }
tests:
  charge-from-vpc:  { caller: payments, route: stripe, request: POST /v1/charges, from: 10.1.2.3, headers: [idempotency-key], risk: 0, expect: allow }
  charges-not-read: { caller: payments, route: stripe, request: GET /v1/charges,  from: 10.1.2.3, risk: 0, expect: deny }
`;
const source = { text, file: "policy.yaml" };

describe("the design's document", () => {
  const { document, problems } = parsePolicy([source], { today: TODAY });

  it("is valid, and warns of what is not enforced yet", () => {
    expect(document).toBeDefined();
    expect(problems.map(({ severity, rule, pointer, position }) => `${severity} ${rule} ${pointer} ${position?.line}`)).toEqual([
      "warning not-enforced /routes/stripe/retry 23",
      "warning not-enforced /grants/stripe-charge/when/risk 34",
      "warning not-enforced /grants/partner-debug/justInTime 44",
    ]);
  });

  it("passes its own tests", () => {
    expect(runPolicyTests(compilePolicy(document!)).map(({ name, passed, decision }) => `${name} ${passed} ${decision.reason}`)).toEqual([
      "charge-from-vpc true granted",
      "charges-not-read true NOT_GRANTED",
    ]);
  });

  it("is not loaded to run while parts of it are not enforced", () => {
    let refused: unknown;
    try {
      loadPolicy([source], { today: TODAY });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(SallyportError);
    expect((refused as SallyportError).code).toBe("POLICY_UNSUPPORTED");
    expect((refused as SallyportError).details.problems).toHaveLength(3);
  });

  it("has its release pattern refused in a flow list, with the cure", () => {
    const flow = text.replace("requests:\n      - PUT /releases/{id}", "requests: [PUT /releases/{id}]");
    const { problems } = parsePolicy([{ text: flow, file: "policy.yaml" }], { today: TODAY });
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([
      expect.objectContaining({
        rule: "braces-in-flow",
        cure: expect.stringContaining("`- PUT /releases/{id}`"),
        position: { file: "policy.yaml", line: 38, column: 30 },
      }),
    ]);
  });
});
