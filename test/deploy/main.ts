/**
 * Deploys the examples to a simulated AWS: each is synthesized, applied, planned again without a difference, and
 * destroyed. Names as arguments choose examples: `npm run test:deploy -- payments`.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { policyVersion } from "sallyport";
import { build as buildPartner } from "../../examples/partner/main.js";
import { build as buildPayments } from "../../examples/payments/main.js";
import { type Moto, startMoto } from "./moto.js";
import { terraform } from "./terraform.js";

const EXAMPLES = { payments: buildPayments, partner: buildPartner };

type ExampleName = keyof typeof EXAMPLES;
const isExample = (name: string): name is ExampleName => Object.hasOwn(EXAMPLES, name);

/** Runs one step and says how long it took. */
async function step<Result>(label: string, action: () => Result): Promise<Awaited<Result>> {
  const started = performance.now();
  const result = await action();
  console.log(`  ${label} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return result;
}

async function deploy(name: ExampleName, moto: Moto, folder: string): Promise<void> {
  console.log(name);
  const outdir = join(folder, name);
  const app = new App({ outdir, context: { "sallyport:lambdaBundle": lambdaBundle(folder) } });
  const door = EXAMPLES[name](app, { protection: "none" });
  await step("synthesize", () => app.synth());
  const stackFolder = join(outdir, "stacks", name);
  const { init, validate, apply, plan, outputs, destroy } = terraform(stackFolder, moto);
  await step("init", init);
  await step("validate", validate);
  await step("apply", apply);
  assert.deepEqual(await step("plan again", plan), [], `${name}: the second plan is not clean`);

  const { door_egress_addresses: addresses, door_bindings: bindings, door_secret_arns: secretArns } = await outputs();
  assert.equal((addresses as string[]).length, 2, "one egress address a zone");
  const bound = JSON.parse(bindings as string);
  assert.deepEqual({ ...bound.secrets, ...bound.certificates }, secretArns, "every secret is bound to its ARN");
  const text = readFileSync(join(stackFolder, "door.policy.json"), "utf8");
  assert.equal(policyVersion(JSON.parse(text)), door.policyVersion);
  const state = readFileSync(join(stackFolder, "terraform.tfstate"), "utf8");
  assert.ok(!/secret_string/.test(state), "the state has no place for a secret value");
  await step("destroy", destroy);
}

/** The built function, or where there is none yet a stub: the simulation stores it and does not run it. */
function lambdaBundle(folder: string): string {
  const built = join(__dirname, "../../lambda");
  if (existsSync(built)) return built;
  console.warn("  no built function: a stub is deployed in its place");
  const stub = mkdtempSync(join(folder, "stub-"));
  writeFileSync(join(stub, "index.mjs"), "export const handler = async () => ({ statusCode: 503 });\n");
  return stub;
}

async function main(chosen: readonly string[]): Promise<void> {
  const unknown = chosen.filter((name) => !isExample(name));
  if (unknown.length > 0) throw new Error(`no such example: ${unknown.join(", ")}`);
  const folder = mkdtempSync(join(tmpdir(), "sallyport-deploy-"));
  const moto = await startMoto();
  try {
    for (const name of chosen.length > 0 ? chosen.filter(isExample) : (Object.keys(EXAMPLES) as ExampleName[]))
      await deploy(name, moto, folder);
    console.log("all deployed, planned clean and destroyed");
    rmSync(folder, { recursive: true, force: true });
  } finally {
    await moto.stop();
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
