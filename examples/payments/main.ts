/**
 * A payment service and two more callers reach a card acquirer. None of them holds the acquirer's key, its signing key
 * or the client certificate: the door adds all three. `policy.yaml` beside this file is the same policy in YAML.
 *
 * Synthesize: `node dist/examples/payments/main.js`, then `npx sallyport serve cdktf.out/stacks/payments/door.policy.json`.
 */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Caller, Certificate, Inject, IpPolicy, Route, Secret, SigningProfile, ZeroTrustProxy } from "sallyport/constructs";

export interface PaymentsOptions {
  /** The acquirer's origin. Default: `PAYMENTS_TARGET`, else https://api.payments.example:8443. */
  readonly target?: string;
  /** `none` lets a test tear the stack down. Default: `full`. */
  readonly protection?: "full" | "none";
}

export function build(app: App, options: PaymentsOptions = {}): ZeroTrustProxy {
  const { target = process.env.PAYMENTS_TARGET ?? "https://api.payments.example:8443", protection = "full" } = options;
  const acquirerHosts = [new URL(target).hostname];

  const stack = new TerraformStack(app, "payments");
  new AwsProvider(stack, "aws", { region: "eu-west-1" });
  const door = new ZeroTrustProxy(stack, "door", { environment: "local", availabilityZones: ["eu-west-1a", "eu-west-1b"], protection });

  const acquirerKey = new Secret(door, "acquirer-key", { allowedHosts: acquirerHosts, maxAgeDays: 90 });
  const signingKey = new Secret(door, "acquirer-signing-key", { allowedHosts: acquirerHosts, maxAgeDays: 180 });
  const certificate = new Certificate(door, "acquirer-client", { allowedHosts: acquirerHosts, expiryAlertDays: 30 });
  // What a caller proves itself with goes nowhere.
  const paymentsKey = new Secret(door, "payments-key", { allowedHosts: [], maxAgeDays: 90 });

  // Loopback is where the local gateway sees its callers; in AWS nothing comes from there.
  const vpc = new IpPolicy(door, "vpc", { allow: ["10.0.0.0/8", "127.0.0.1/32"] });

  const payments = Caller.hmac(door, "payments", { key: paymentsKey, keyId: "payments-2026" });
  // An unmodified SDK carries this token where it would carry the acquirer's key. Here: SHA-256 of `example-sdk-token`.
  const sdk = Caller.bearerToken(door, "sdk", { sha256: "1237dd64544820ceb4043f66dca17439c64ff1eb30cac327df26d7dd96c8f030" });
  const ledger = Caller.iamRole(door, "ledger", { account: "111111111111", roleName: "ledger" });

  const acquirer = new Route(door, "acquirer", {
    owner: "team-payments",
    target,
    from: vpc,
    inject: [Inject.bearer(acquirerKey)],
    sign: SigningProfile.hmac(door, "acquirer-signing", { key: signingKey, form: "plain", keyId: "acquirer-2026" }),
    tls: { clientCertificate: certificate },
    limits: { maxBodyBytes: 1_048_576, deadlineSeconds: 20 },
  });

  acquirer.allow("charge", payments, { requests: ["POST /v1/charges", "GET /v1/charges/{id}"] });
  // `{id}` alone would let this one through.
  acquirer.deny("export", payments, { requests: ["GET /v1/charges/export"] });
  acquirer.allow("checkout", sdk, { requests: ["POST /v1/charges"], when: { requireHeaders: ["idempotency-key"] } });
  acquirer.allow("reconcile", ledger, { requests: ["GET /v1/charges/{id}"] });

  door.test("payments-charges", { caller: payments, route: acquirer, request: "POST /v1/charges", from: "10.1.2.3", expect: "allow" });
  door.test("payments-reads", { caller: payments, route: acquirer, request: "GET /v1/charges/ch_1", from: "10.1.2.3", expect: "allow" });
  door.test("no-export", { caller: payments, route: acquirer, request: "GET /v1/charges/export", from: "10.1.2.3", expect: "deny" });
  door.test("not-from-outside", { caller: payments, route: acquirer, request: "POST /v1/charges", from: "198.51.100.7", expect: "deny" });
  door.test("sdk-needs-idempotency", { caller: sdk, route: acquirer, request: "POST /v1/charges", from: "127.0.0.1", expect: "deny" });
  door.test("ledger-only-reads", { caller: ledger, route: acquirer, request: "POST /v1/charges", from: "10.1.2.3", expect: "deny" });
  return door;
}

if (require.main === module) {
  const app = new App();
  build(app);
  app.synth();
}
