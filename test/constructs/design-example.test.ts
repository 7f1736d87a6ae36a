/**
 * The example of the README, word for word, run as it stands: it compiles, synthesizes both stacks, and its document is
 * the YAML twin's.
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { canonicalPolicy, parsePolicy } from "sallyport";
import { Caller, Certificate, Inject, IpPolicy, Route, Secret, SigningProfile, ZeroTrustProxy } from "sallyport/constructs";
import { beforeAll, expect, test } from "vitest";
import { README_POLICY } from "../docs/readme.js";
import { LAMBDA_BUNDLE } from "./synthesized.js";

const outdir = join(mkdtempSync(join(tmpdir(), "sallyport-")), "cdktf.out");

function example(): void {
  const app = new App();
  // biome-ignore format: as the README has it
  for (const [environment, account] of [["dev", "111111111111"], ["prod", "222222222222"]] as const) {
    const stack = new TerraformStack(app, `egress-${environment}`);
    new AwsProvider(stack, "aws", { region: "eu-west-1" });
    const door = new ZeroTrustProxy(stack, "door", { environment, availabilityZones: ["eu-west-1a", "eu-west-1b"] });

    const stripeKey = Secret.fromName(door, "stripe-key", `${environment}/stripe`, { field: "apiKey", allowedHosts: ["api.stripe.com"], maxAgeDays: 90 });
    const hmacKey = new Secret(door, "partner-hmac-key", { allowedHosts: ["api.partner.example"], maxAgeDays: 180 });
    const cert = new Certificate(door, "partner-client", { allowedHosts: ["api.partner.example"], expiryAlertDays: 30 });
    const vpc = new IpPolicy(door, "vpc", { allow: ["10.0.0.0/8"] });

    const payments = Caller.iamRole(door, "payments", { account, roleName: "payments" });
    const ci = Caller.githubActions(door, "ci", { repository: "acme/app", environment });
    const oncall = Caller.iamRole(door, "oncall", { account, roleName: "oncall", person: "session-name" });
    const leads = Caller.iamRole(door, "leads", { account, roleName: "leads", person: "session-name" });

    const stripe = new Route(door, "stripe", {
      owner: "team-payments", target: "https://api.stripe.com", inject: [Inject.bearer(stripeKey)], retry: { idempotencyHeader: "idempotency-key" },
    });
    const partner = new Route(door, "partner", {
      owner: "team-platform", target: "https://api.partner.example/v2",
      tls: { clientCertificate: cert }, sign: SigningProfile.hmac(door, "partner-hmac", { key: hmacKey }),
    });

    stripe.allow("charge", payments, {
      requests: ["POST /v1/charges", "POST /v1/refunds"], when: { from: vpc, requireHeaders: ["idempotency-key"], risk: { below: 60 } },
    });
    partner.allow("release", ci, { requests: ["PUT /releases/{id}"] });
    partner.allowJustInTime("debug", oncall, { requests: ["GET /**"], maxMinutes: 60, approvers: [leads], approvals: 1 });

    door.test("charge-from-vpc", { caller: payments, route: stripe, request: "POST /v1/charges", from: "10.1.2.3", headers: ["idempotency-key"], risk: 0, expect: "allow" });
    door.test("charges-not-read", { caller: payments, route: stripe, request: "GET /v1/charges", from: "10.1.2.3", risk: 0, expect: "deny" });
  }
  app.synth();
}

const warnings: string[] = [];

beforeAll(async () => {
  const keep = ({ name, message }: Error) => void (name === "SallyportPolicyWarning" && warnings.push(message));
  process.on("warning", keep);
  process.env.CDKTF_OUTDIR = outdir;
  process.env.CDKTF_CONTEXT_JSON = JSON.stringify({ "sallyport:lambdaBundle": LAMBDA_BUNDLE });
  example();
  await setImmediate(); // warnings are emitted in the next turn
  process.off("warning", keep);
});

test.each(["dev", "prod"])("synthesizes the %s stack", (environment) => {
  const stack = JSON.parse(readFileSync(join(outdir, `stacks/egress-${environment}/cdk.tf.json`), "utf8"));
  expect(Object.keys(stack.resource.aws_nat_gateway)).toHaveLength(2);
  expect(Object.keys(stack.data.aws_secretsmanager_secret)).toEqual([expect.stringContaining("stripe-key")]);
  expect(Object.keys(stack.resource.aws_secretsmanager_secret)).toHaveLength(2);
});

test("is the same document as its YAML twin, byte for byte", () => {
  const { document, problems } = parsePolicy([README_POLICY], { today: "2026-01-01" });
  expect(problems.filter(({ severity }) => severity !== "warning")).toEqual([]);
  expect(readFileSync(join(outdir, "stacks/egress-prod/door.policy.json"), "utf8")).toBe(canonicalPolicy(document!));
});

test("warns at each construct whose part no adapter enforces yet", () => {
  const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  const annotated = manifest.stacks["egress-prod"].annotations.map(
    ({ constructPath, message }: { constructPath: string; message: string }) =>
      `${constructPath} ${message.slice(0, message.indexOf("]") + 1)}`,
  );
  expect(annotated.sort()).toEqual([
    "egress-prod/door/partner/debug [not-enforced]",
    "egress-prod/door/stripe [not-enforced]",
    "egress-prod/door/stripe/charge [not-enforced]",
  ]);
});

test("prints each of these once under plain `node`, with the construct's path and the cure", () => {
  expect(warnings.filter((warning) => warning.startsWith("[egress-prod/")).sort()).toEqual([
    "[egress-prod/door/partner/debug] [not-enforced] `justInTime` is not enforced by this version. Gateway and Lambda will not load this policy; remove `justInTime` to run it.",
    "[egress-prod/door/stripe/charge] [not-enforced] `risk` is not enforced by this version. Gateway and Lambda will not load this policy; remove `risk` to run it.",
    "[egress-prod/door/stripe] [not-enforced] `retry` is not enforced by this version. Gateway and Lambda will not load this policy; remove `retry` to run it.",
  ]);
  expect(warnings).toHaveLength(6);
});
