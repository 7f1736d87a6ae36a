/** Each example says the same in constructs and in YAML, passes its own tests, and synthesizes what can be served. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Testing } from "cdktf";
import { canonicalPolicy, loadPolicy, parsePolicy, policyVersion, runPolicyTests } from "sallyport";
import type { ZeroTrustProxy } from "sallyport/constructs";
import { describe, expect, test } from "vitest";
import { build as buildPartner } from "../../examples/partner/main.js";
import { build as buildPayments } from "../../examples/payments/main.js";
import { LAMBDA_BUNDLE } from "./synthesized.js";

const EXAMPLES: readonly (readonly [string, (app: App) => ZeroTrustProxy])[] = [
  ["payments", (app) => buildPayments(app, { target: "https://api.payments.example:8443" })],
  ["partner", buildPartner],
];
const today = "2026-01-01";

describe.each(EXAMPLES)("the %s example", (name, build) => {
  const file = join(__dirname, `../../examples/${name}/policy.yaml`);
  const twin = { text: readFileSync(file, "utf8"), file };
  const app = Testing.app({ context: { "sallyport:lambdaBundle": LAMBDA_BUNDLE } });
  const door = build(app);

  test("is its YAML twin, byte for byte", () => {
    const { document, problems } = parsePolicy([twin], { today });
    expect(problems).toEqual([]);
    expect(door.policyJson).toBe(canonicalPolicy(document!));
    expect(door.policyVersion).toBe(policyVersion(document!));
  });

  test("passes its own tests", () => {
    const results = runPolicyTests(loadPolicy([twin], { today }));
    expect(results.length).toBeGreaterThanOrEqual(3);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  test("uses only parts that an adapter enforces: the synthesized document loads", () => {
    app.synth();
    const path = join(app.outdir, `stacks/${name}/door.policy.json`);
    const policy = loadPolicy([{ text: readFileSync(path, "utf8"), file: path }], { today });
    expect(policy.version).toBe(door.policyVersion);
  });
});

test("the payments example follows PAYMENTS_TARGET, and its credentials may go there", () => {
  const app = Testing.app({ context: { "sallyport:lambdaBundle": LAMBDA_BUNDLE } });
  const { routes, secrets } = buildPayments(app, { target: "https://upstream.example:9443" }).document();
  expect(routes.acquirer?.target).toBe("https://upstream.example:9443");
  expect(secrets?.["acquirer-key"]?.allowedHosts).toEqual(["upstream.example"]);
});
