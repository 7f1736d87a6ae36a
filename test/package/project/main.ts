/** A user's stack: the same text in a CommonJS and in an ES module project. Prints the version of its policy. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Caller, Inject, Route, Secret, ZeroTrustProxy } from "sallyport/constructs";

const app = new App();
const stack = new TerraformStack(app, "egress");
new AwsProvider(stack, "aws", { region: "eu-west-1" });
const door = new ZeroTrustProxy(stack, "door", { environment: "prod", availabilityZones: ["eu-west-1a", "eu-west-1b"] });

const stripeKey = new Secret(door, "stripe-key", { allowedHosts: ["api.stripe.com"], maxAgeDays: 90 });
const payments = Caller.iamRole(door, "payments", { account: "222222222222", roleName: "payments" });
const stripe = new Route(door, "stripe", { owner: "team-payments", target: "https://api.stripe.com", inject: [Inject.bearer(stripeKey)] });
stripe.allow("charge", payments, { requests: ["POST /v1/charges"] });
door.test("charges", { caller: payments, route: stripe, request: "POST /v1/charges", expect: "allow" });

app.synth();
console.log(door.policyVersion);
