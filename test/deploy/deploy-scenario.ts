/**
 * One example from synthesis to nothing: deployed, called, edited, protected, torn down; and after all that its secrets
 * are searched for in everything that was written.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { policyVersion } from "sallyport";
import { doorClient } from "./door-client.js";
import { callsOf, type FunctionUnderTest, functionSteps } from "./function-steps.js";
import { remains } from "./remains.js";
import { searchEverything } from "./search-everything.js";
import { openWorld, type SimulatedWorld, type SimulatedWorldOptions, type SynthesizedStack } from "./simulated-world.js";
import type { Steps } from "./steps.js";
import { describeChange, type ResourceChange } from "./terraform.js";

export interface ScenarioRun extends Omit<SimulatedWorldOptions, "tell"> {
  readonly steps: Steps;
}

/** What must never be replaced, whatever is edited. */
const KEPT_TYPES = new Set(["aws_secretsmanager_secret", "aws_kms_key", "aws_eip", "aws_dynamodb_table"]);

export async function deployScenario(run: ScenarioRun): Promise<void> {
  const world = await openWorld({ ...run, tell: run.steps.tell });
  try {
    const before = await remains(world.endpoint);
    const deployed = await deploy(run, world);
    const tested = await underTest(run, world, deployed);
    await functionSteps(run.steps, tested);
    await edit(run, world, tested);
    await tearDown(run, world, before.kept);
  } finally {
    await world.close();
  }
  await run.steps.step("no secret is in state, plans, cdktf.out, code or logs, where planted ones are found", () =>
    searchEverything(run.folder, run.scenario.canaries),
  );
}

async function deploy({ scenario, steps: { step } }: ScenarioRun, world: SimulatedWorld): Promise<SynthesizedStack> {
  const stack = await step("it synthesizes, protected", () => world.synthesize("full"));
  await step("terraform init finds the provider on this machine", stack.init);
  await step("terraform validate accepts it", stack.validate);
  await step("terraform apply makes it", () => stack.apply());
  await step("terraform plan finds nothing left to do", async () => assertNone(await stack.plan("again.tfplan")));

  const { door_egress_addresses, door_secret_arns, door_bindings } = stack.outputs();
  const secretArns = door_secret_arns as Readonly<Record<string, string>>;
  await step("it has two fixed addresses, its policy document, and names for its secrets that hold no value", () => {
    assert.equal((door_egress_addresses as string[]).length, 2);
    const document = readFileSync(join(world.stackFolder, "door.policy.json"), "utf8");
    assert.equal(policyVersion(JSON.parse(document)), stack.door.policyVersion);
    const { secretPrefix } = JSON.parse(door_bindings as string);
    for (const [name, arn] of Object.entries(secretArns)) assert.ok(arn.includes(`:secret:${secretPrefix}${name}-`), arn);
    assert.deepEqual(stack.resources("aws_secretsmanager_secret_version"), []);
  });
  await step("its secrets get their values out of band", async () => {
    assert.deepEqual(Object.keys(secretArns).sort(), Object.keys(scenario.values).sort());
    for (const [name, SecretString] of Object.entries(scenario.values)) {
      await world.secretsManager.send(new PutSecretValueCommand({ SecretId: secretArns[name]!, SecretString }));
    }
  });
  return stack;
}

async function underTest({ scenario }: ScenarioRun, world: SimulatedWorld, stack: SynthesizedStack): Promise<FunctionUnderTest> {
  const { door_secret_arns, door_bindings } = stack.outputs();
  const { commitTable: tableName, entrances } = JSON.parse(door_bindings as string);
  const alarms = stack.resources("aws_cloudwatch_metric_alarm");
  return {
    ...world,
    scenario,
    tableName,
    secretIds: door_secret_arns as Readonly<Record<string, string>>,
    client: doorClient(scenario, entrances),
    foreignInvokerAlarm: alarms.find(({ alarm_name }) => String(alarm_name).endsWith("foreign-invoker"))!,
    running: await world.startFunction(stack),
  };
}

async function edit({ scenario, steps: { step } }: ScenarioRun, world: SimulatedWorld, first: FunctionUnderTest): Promise<void> {
  const { client } = first;
  await step("a call that no grant has yet is refused", () =>
    callsOf(first).isRefused(client.signed(scenario.added), 403, "denied", "NOT_GRANTED"),
  );
  const stack = world.synthesize("full", scenario.edit);
  await step("a grant is added: the plan replaces no secret, key, address or table, and is applied", async () => {
    const changes = await stack.plan("edit.tfplan");
    assertNone(changes.filter(({ type, change }) => KEPT_TYPES.has(type) && change.actions.includes("delete")));
    assert.ok(
      changes.some(({ type }) => type === "aws_lambda_function"),
      "the function gets the new policy",
    );
    await stack.apply("edit.tfplan");
  });
  const second = { ...first, running: await world.startFunction(stack) };
  await step("the call that it grants passes", () => callsOf(second).passes(client.signed(scenario.added)));
  await step("what was used at one instance is refused at another", async () => {
    const event = client.signed(scenario.granted);
    await callsOf(second).passes(event);
    await callsOf(first).isRefused(event, 409, "replayed", "REPLAYED");
  });
  await step("terraform destroy is refused, and nothing is gone", async () => {
    const { kept } = await remains(world.endpoint);
    assert.match(await stack.refusedDestroy(), /Instance cannot be destroyed/);
    assert.deepEqual((await remains(world.endpoint)).kept, kept);
  });
}

async function tearDown({ scenario, steps: { step } }: ScenarioRun, world: SimulatedWorld, keptBefore: object): Promise<void> {
  const stack = world.synthesize("none", scenario.edit);
  await step("protection is given up: the plan replaces and deletes nothing, and is applied", async () => {
    const changes = await stack.plan("unprotected.tfplan");
    assertNone(changes.filter(({ change }) => change.actions.join() !== "update"));
    await stack.apply("unprotected.tfplan");
  });
  await step("terraform destroy takes it down", stack.destroy);
  await step("what is left is scheduled for deletion: the secrets and the two keys", async () => {
    const { kept, scheduled } = await remains(world.endpoint);
    assert.deepEqual(kept, keptBefore);
    assert.deepEqual([scheduled.secrets.length, scheduled.keys.length], [Object.keys(scenario.values).length, 2]);
  });
}

const assertNone = (changes: readonly ResourceChange[]): void => assert.deepEqual(changes.map(describeChange), []);
