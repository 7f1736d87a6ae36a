/** One process of `synth`: the resources of the door synthesized last, given to cdktf as they are. Prints the milliseconds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, TerraformResource, TerraformStack } from "cdktf";

const [folder = ""] = process.argv.slice(2);
const { resource }: { resource: Record<string, Record<string, Record<string, unknown>>> } = JSON.parse(
  readFileSync(join(folder, "cdktf.out/stacks/bench/cdk.tf.json"), "utf8"),
);

const startedAt = performance.now();
const app = new App({ outdir: join(folder, "bare.out") });
const stack = new TerraformStack(app, "bench");
new AwsProvider(stack, "aws", { region: "eu-west-1" });
for (const [terraformResourceType, entries] of Object.entries(resource)) {
  for (const [id, properties] of Object.entries(entries)) {
    const bare = new TerraformResource(stack, `${terraformResourceType}-${id}`, { terraformResourceType });
    for (const [name, value] of Object.entries(properties)) if (name !== "//") bare.addOverride(name, value);
  }
}
app.synth();
console.log(performance.now() - startedAt);
