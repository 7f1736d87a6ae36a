import { DeleteItemCommand, type DynamoDBClient, type GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { dynamodbRevocations, REVOCATIONS_KEY } from "../../../lib/adapters/aws/dynamodb-revocations.js";
import { type Dynalite, startDynalite, TABLE } from "../../fakes/dynalite.js";
import { manualClock } from "../../fakes/memory-ports.js";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

const Key = { claim: { S: REVOCATIONS_KEY } };
beforeEach(() => dynalite.client.send(new DeleteItemCommand({ TableName: TABLE, Key })));

/** What an operator does in an incident. */
const change = (action: "ADD" | "DELETE", ...names: string[]) =>
  dynalite.client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key,
      UpdateExpression: `${action} revoked :names`,
      ExpressionAttributeValues: { ":names": { SS: names } },
    }),
  );

function open() {
  const clock = manualClock(0);
  let reads = 0;
  let failure: Error | undefined;
  const client = {
    send: async (command: GetItemCommand) => {
      reads += 1;
      if (failure) throw failure;
      return dynalite.client.send(command);
    },
  } as unknown as DynamoDBClient;
  const revocations = dynamodbRevocations({ client, tableName: TABLE, clock });
  return {
    clock,
    revocations,
    reads: () => reads,
    fail(error?: Error) {
      failure = error;
    },
  };
}

it("revokes nothing while nobody has written anything", async () => {
  expect(await open().revocations.revoked(["callers/payments"])).toEqual([]);
});

it("names what is revoked, of what was asked", async () => {
  await change("ADD", "callers/payments", "secrets/stripe-key", "callers/other");
  const names = ["callers/payments", "secrets/partner", "secrets/stripe-key"];
  expect(await open().revocations.revoked(names)).toEqual(["callers/payments", "secrets/stripe-key"]);
});

it("believes what it read for a second, and no longer", async () => {
  const { clock, revocations, reads } = open();
  expect(await revocations.revoked(["callers/payments"])).toEqual([]);
  await change("ADD", "callers/payments");
  clock.advance(999);
  expect(await revocations.revoked(["callers/payments"])).toEqual([]);
  expect(reads()).toBe(1);
  clock.advance(1);
  expect(await revocations.revoked(["callers/payments"])).toEqual(["callers/payments"]);
  await change("DELETE", "callers/payments");
  clock.advance(1_000);
  expect(await revocations.revoked(["callers/payments"])).toEqual([]);
});

it("reads once for many calls at a time", async () => {
  const { clock, revocations, reads } = open();
  clock.advance(5_000);
  await Promise.all(Array.from({ length: 20 }, () => revocations.revoked(["callers/payments"])));
  expect(reads()).toBe(2);
});

it("does not know when the table cannot be read, though it read it before, and recovers by itself", async () => {
  const { clock, revocations, fail } = open();
  await revocations.revoked([]);
  fail(Object.assign(new Error("slow down"), { name: "ProvisionedThroughputExceededException" }));
  clock.advance(1_000);
  const unknown = expect.objectContaining({
    code: "REVOCATIONS_UNKNOWN",
    details: { problem: "ProvisionedThroughputExceededException" },
  });
  await expect(revocations.revoked([])).rejects.toThrow(unknown);
  await expect(revocations.revoked([])).rejects.toThrow(unknown);
  fail();
  expect(await revocations.revoked([])).toEqual([]);
});
