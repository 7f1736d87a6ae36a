/**
 * A release bot publishes to a partner that wants two proofs of each call: a client certificate, and a signature over
 * the whole request. The bot holds neither. `policy.yaml` beside this file is the same policy in YAML.
 *
 * Synthesize: `node dist/examples/partner/main.js`.
 */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Caller, Certificate, IpPolicy, Route, Secret, SigningProfile, ZeroTrustProxy } from "sallyport/constructs";

export interface PartnerOptions {
  /** The partner's origin and base path. Default: https://api.partner.example/v2. */
  readonly target?: string;
  /** `none` lets a test tear the stack down. Default: `full`. */
  readonly protection?: "full" | "none";
}

export function build(app: App, { target = "https://api.partner.example/v2", protection = "full" }: PartnerOptions = {}): ZeroTrustProxy {
  const stack = new TerraformStack(app, "partner");
  new AwsProvider(stack, "aws", { region: "eu-west-1" });
  const door = new ZeroTrustProxy(stack, "door", { environment: "prod", availabilityZones: ["eu-west-1a", "eu-west-1b"], protection });

  const partnerHosts = [new URL(target).hostname];
  const hmacKey = new Secret(door, "partner-hmac-key", { allowedHosts: partnerHosts, maxAgeDays: 180 });
  const certificate = new Certificate(door, "partner-client", { allowedHosts: partnerHosts, expiryAlertDays: 30 });
  const botKey = new Secret(door, "release-bot-key", { allowedHosts: [], maxAgeDays: 90 });

  const buildNetwork = new IpPolicy(door, "build-network", { allow: ["10.20.0.0/16"] });
  const releaseBot = Caller.hmac(door, "release-bot", { key: botKey, windowSeconds: 60 });

  const partner = new Route(door, "partner", {
    owner: "team-platform",
    target,
    tls: { clientCertificate: certificate },
    sign: SigningProfile.hmac(door, "partner-hmac", { key: hmacKey }),
    headers: { forward: ["content-type", "accept"] },
  });

  partner.allow("release", releaseBot, { requests: ["PUT /releases/{id}", "GET /releases/{id}"], when: { from: buildNetwork } });

  door.test("release", { caller: releaseBot, route: partner, request: "PUT /releases/42", from: "10.20.0.9", expect: "allow" });
  door.test("no-delete", { caller: releaseBot, route: partner, request: "DELETE /releases/42", from: "10.20.0.9", expect: "deny" });
  door.test("not-from-elsewhere", { caller: releaseBot, route: partner, request: "PUT /releases/42", from: "10.30.0.9", expect: "deny" });
  return door;
}

if (require.main === module) {
  const app = new App();
  build(app);
  app.synth();
}
