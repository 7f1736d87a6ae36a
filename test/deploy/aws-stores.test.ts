/** The AWS stores against Moto, which judges conditions and secrets' versions by code of its own. */
import { randomUUID } from "node:crypto";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodbCommitStore } from "../../lib/adapters/aws/dynamodb-commit-store.js";
import { dynamodbRevocations, REVOCATIONS_KEY } from "../../lib/adapters/aws/dynamodb-revocations.js";
import { secretsManagerStore } from "../../lib/adapters/aws/secrets-manager-store.js";
import { commitStoreContract } from "../contract/commit-store.js";
import { createCommitTable, dynamodbClient, TEST_CREDENTIALS } from "../fakes/dynalite.js";
import { manualClock, seededRandom } from "../fakes/memory-ports.js";
import { type Moto, startMoto } from "./moto.js";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto?.stop());

const newTable = async () => {
  const client = dynamodbClient(moto.endpoint);
  const tableName = `commits-${randomUUID()}`;
  await createCommitTable(client, tableName);
  return { client, tableName };
};

commitStoreContract(
  "DynamoDB (Moto)",
  async () => {
    const { client, tableName } = await newTable();
    return { store: dynamodbCommitStore({ client, tableName, random: seededRandom(tableName) }), close: () => client.destroy() };
  },
  { bounded: false },
);

it("revocations are read from the table's one item", async () => {
  const { client, tableName } = await newTable();
  const clock = manualClock(0);
  const revocations = dynamodbRevocations({ client, tableName, clock });
  expect(await revocations.revoked(["callers/payments"])).toEqual([]);
  await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { claim: { S: REVOCATIONS_KEY } },
      UpdateExpression: "ADD revoked :names",
      ExpressionAttributeValues: { ":names": { SS: ["callers/payments"] } },
    }),
  );
  clock.advance(1_000);
  expect(await revocations.revoked(["callers/payments", "callers/other"])).toEqual(["callers/payments"]);
});

describe("a secret", () => {
  const open = async (field?: string) => {
    const client = new SecretsManagerClient({ endpoint: moto.endpoint, region: "eu-west-1", credentials: TEST_CREDENTIALS });
    const { ARN } = await client.send(new CreateSecretCommand({ Name: `door/${randomUUID()}` }));
    const source = { kind: "managed" as const, ...(field === undefined ? {} : { field }) };
    const document = { secrets: { key: { source, allowedHosts: [] } } };
    return { client, arn: ARN!, store: secretsManagerStore({ client, document, ids: new Map([["key", ARN!]]) }) };
  };

  it("has no value until one is put", async () => {
    const { store } = await open();
    expect(await store.get("key")).toBeUndefined();
  });

  it("is the current version, by its id", async () => {
    const { client, arn, store } = await open("apiKey");
    for (const apiKey of ["first", "second"]) {
      const { VersionId } = await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: JSON.stringify({ apiKey }) }));
      const secret = await store.get("key");
      expect([secret?.value.revealText(), secret?.version]).toEqual([apiKey, VersionId]);
    }
  });

  it("has no value once it is marked for deletion", async () => {
    const { client, arn, store } = await open();
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: "the value" }));
    await client.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 7 }));
    expect(await store.get("key")).toBeUndefined();
  });
});
