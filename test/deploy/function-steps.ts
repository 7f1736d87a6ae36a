/**
 * The deployed function, called as API Gateway calls it: what passes, what is refused, and what a freeze, a revocation or
 * a deleted secret changes. On every refusal the upstream sees no connection. (THREATS 8, 16, 20, 30; fault 11)
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteSecretCommand, RestoreSecretCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { REVOCATIONS_KEY } from "../../lib/adapters/aws/dynamodb-revocations.js";
import { dynamodbClient } from "../fakes/dynalite.js";
import type { RecordedRequest } from "../fakes/recorded-request.js";
import type { Upstream } from "../fakes/upstream.js";
import type { DeployedFunction } from "./deployed-function.js";
import { ask, type DoorClient } from "./door-client.js";
import type { Scenario } from "./scenarios.js";
import { SECRET_FRESH_MS, UPSTREAM_NETWORK } from "./simulated-world.js";
import type { Steps } from "./steps.js";
import type { StateResource } from "./terraform.js";

/** How long an instance believes what it read of revocations. */
const REVOCATION_POLL_MS = 1_000;
/** Longer than an upstream keeps a connection that is idle. Node.js: 5 s. */
const FREEZE_MS = 6_000;

export interface FunctionUnderTest {
  readonly scenario: Scenario;
  readonly running: DeployedFunction;
  readonly client: DoorClient;
  readonly upstream: Upstream;
  /** Of the simulated AWS. */
  readonly endpoint: string;
  readonly secretsManager: SecretsManagerClient;
  /** What the secrets are called in Secrets Manager, by the policy's name. */
  readonly secretIds: Readonly<Record<string, string>>;
  readonly tableName: string;
  /** The alarm on invocations past the entrances. */
  readonly foreignInvokerAlarm: StateResource;
}

type LogLine = Readonly<Record<string, unknown>>;

interface Calls {
  /** @returns what the upstream saw */
  passes(event: object): Promise<RecordedRequest>;
  /** @param reason what the audit says @returns what the function logged */
  isRefused(event: object, status: number, code: string, reason: string): Promise<readonly LogLine[]>;
}

export function callsOf({ running, upstream }: Pick<FunctionUnderTest, "running" | "upstream">): Calls {
  return {
    async passes(event) {
      const before = upstream.requests.length;
      const { status, body } = await ask(running, event);
      assert.equal(status, 200, body);
      assert.equal(upstream.requests.length, before + 1, "requests at the upstream");
      return upstream.requests.at(-1)!;
    },
    async isRefused(event, status, code, reason) {
      const { connections } = upstream;
      running.newLogLines();
      const answered = await ask(running, event);
      assert.deepEqual([answered.status, answered.code], [status, code], answered.body);
      assert.equal(upstream.connections, connections, "the upstream saw a connection");
      const lines = running.newLogLines();
      assert.equal(lines.find(({ kind }) => kind === "denial")?.reason, reason);
      return lines;
    },
  };
}

export async function functionSteps({ step }: Steps, tested: FunctionUnderTest): Promise<void> {
  const { scenario, running, client, upstream, foreignInvokerAlarm } = tested;
  const { granted, role, wrongPath, basePath, callerKey } = scenario;
  const { passes, isRefused } = callsOf(tested);

  await step("the function starts, and says loudly that this test opened loopback to it", async () => {
    await passes(client.signed(granted));
    const started = running.newLogLines().find(({ action }) => action === "started")!;
    assert.deepEqual((started.details as { warnings: string[] }).warnings, [`upstreams may be in ${UPSTREAM_NETWORK}, public or not`]);
  });

  const used = client.signed(granted);
  await step("a signed call reaches its upstream with credential, certificate and signature", async () => {
    const { method, target, body } = await passes(used);
    assert.deepEqual([method, target], [granted.method, basePath + granted.target.replace(/^\/[^/]+/, "")]);
    assert.deepEqual(body, Buffer.from(granted.body ?? ""));
  });
  await step("the same request again is refused", () => isRefused(used, 409, "replayed", "REPLAYED"));
  await step("a path that is not granted is refused", () => isRefused(client.signed(wrongPath), 403, "denied", "NOT_GRANTED"));
  if (role !== undefined) {
    await step("a role's call reaches the upstream on API Gateway's word", () => passes(client.asRole(role.granted)));
    await step("a role's call that is not granted is refused", () => isRefused(client.asRole(role.denied), 403, "denied", "NOT_GRANTED"));
  }

  await step("another API's event is refused, and counted where the alarm looks", async () => {
    const lines = await isRefused(client.foreign(granted), 403, "denied", "INVOKER_UNKNOWN");
    const metric = lines.find((line) => String(foreignInvokerAlarm.metric_name) in line);
    for (const [dimension, value] of Object.entries(foreignInvokerAlarm.dimensions as object))
      assert.equal(metric?.[dimension], value, dimension);
  });
  await step("a direct invocation is refused", () => isRefused({ hello: "there" }, 403, "denied", "INVOKER_UNKNOWN"));

  const almostExpired = client.signed(granted, callerKey.windowSeconds - 2);
  await step("thawed after a freeze, it opens a new connection in place of the dead one", async () => {
    await passes(client.signed(granted));
    const { connections } = upstream;
    await passes(client.signed(granted));
    assert.equal(upstream.connections, connections, "connections while awake");
    await sleep(FREEZE_MS);
    await passes(client.signed(granted));
    assert.equal(upstream.connections, connections + 1, "connections after the freeze");
  });
  await step("thawed, it still refuses what was used before the freeze", () => isRefused(used, 409, "replayed", "REPLAYED"));
  await step("thawed, it refuses what expired during the freeze", () =>
    isRefused(almostExpired, 403, "denied", "TIMESTAMP_OUTSIDE_WINDOW"),
  );

  await step("a caller that an operator revokes is refused within a second", () => revokeCaller(tested));
  await step(`a secret that is deleted is refused within its declared ${SECRET_FRESH_MS} ms`, () => deleteSecret(tested));
}

async function revokeCaller(tested: FunctionUnderTest): Promise<void> {
  const { endpoint, tableName, scenario, client } = tested;
  const { passes, isRefused } = callsOf(tested);
  const dynamodb = dynamodbClient(endpoint);
  const item = { TableName: tableName, Key: { claim: { S: REVOCATIONS_KEY } } };
  const names = { ":names": { SS: [scenario.caller] } };
  await dynamodb.send(new UpdateItemCommand({ ...item, UpdateExpression: "ADD revoked :names", ExpressionAttributeValues: names }));
  await sleep(REVOCATION_POLL_MS);
  await isRefused(client.signed(scenario.granted), 403, "denied", "REVOKED");
  await dynamodb.send(new DeleteItemCommand(item));
  await sleep(REVOCATION_POLL_MS);
  await passes(client.signed(scenario.granted));
  dynamodb.destroy();
}

async function deleteSecret(tested: FunctionUnderTest): Promise<void> {
  const { secretsManager, secretIds, scenario, client } = tested;
  const { passes, isRefused } = callsOf(tested);
  const SecretId = secretIds[scenario.revocable]!;
  await passes(client.signed(scenario.granted));
  await secretsManager.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  await sleep(SECRET_FRESH_MS);
  await isRefused(client.signed(scenario.granted), 503, "secret_missing", "SECRET_MISSING");
  await secretsManager.send(new RestoreSecretCommand({ SecretId }));
}
