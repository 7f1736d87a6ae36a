/** One process of `synth`: makes a door with many routes, synthesizes it, prints the milliseconds that took. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Caller, Inject, Route, Secret, ZeroTrustProxy } from "../../constructs/index.js";

const [folder = "", routes = ""] = process.argv.slice(2);
const bundle = join(folder, "bundle");
mkdirSync(bundle, { recursive: true });
writeFileSync(join(bundle, "index.mjs"), "export const handler = async () => ({ statusCode: 503 });\n");

const startedAt = performance.now();
const app = new App({ outdir: join(folder, "cdktf.out"), context: { "sallyport:lambdaBundle": bundle } });
const stack = new TerraformStack(app, "bench");
new AwsProvider(stack, "aws", { region: "eu-west-1" });
const door = new ZeroTrustProxy(stack, "door", { environment: "bench", availabilityZones: ["eu-west-1a", "eu-west-1b"] });
const caller = Caller.iamRole(door, "payments", { account: "111111111111", roleName: "payments" });
for (let index = 0; index < Number(routes); index++) {
  const host = `api-${index}.example`;
  const key = new Secret(door, `key-${index}`, { allowedHosts: [host], maxAgeDays: 90 });
  const route = new Route(door, `route-${index}`, { owner: "team", target: `https://${host}`, inject: [Inject.bearer(key)] });
  route.allow("read", caller, { requests: ["GET /v1/**"] });
}
app.synth();
console.log(performance.now() - startedAt);
