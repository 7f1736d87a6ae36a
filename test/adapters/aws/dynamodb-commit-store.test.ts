import { hash } from "node:crypto";
import { type DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodbCommitStore } from "../../../lib/adapters/aws/dynamodb-commit-store.js";
import type { Commit } from "../../../lib/ports.js";
import { type Dynalite, dynamodbClient, startDynalite, TABLE } from "../../fakes/dynalite.js";
import { seededRandom } from "../../fakes/memory-ports.js";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DAY_SECONDS = 86_400;

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

let instances = 0;
const open = (client: DynamoDBClient = dynalite.client) =>
  dynamodbCommitStore({ client, tableName: TABLE, random: seededRandom(`instance ${instances++}`) });
const commit = (claim: string, rest: Partial<Commit> = {}): Commit => ({
  claim,
  expiresAt: NOW + 300_000,
  owner: "payments",
  intent: { requestId: claim },
  ...rest,
});
const stored = async (claim: string) => {
  const { Items = [] } = await dynalite.client.send(new ScanCommand({ TableName: TABLE }));
  return Items.find((item) => item.claim?.S === hash("sha256", claim, "base64url"));
};

describe("a claim in DynamoDB", () => {
  it("stands in one item with its audit intent, and outlives its expiry by a day for instances whose clock is slow", async () => {
    await open().commit(commit("whole", { intent: { kind: "intent", path: "/ü" } }), NOW);
    expect(await stored("whole")).toEqual({
      claim: { S: hash("sha256", "whole", "base64url") },
      owner: { S: "payments" },
      intent: { S: '{"kind":"intent","path":"/ü"}' },
      expiresAtMs: { N: String(NOW + 300_000) },
      expiresAt: { N: String(Math.ceil((NOW + 300_000) / 1000) + DAY_SECONDS) },
      writeId: { S: expect.stringMatching(/^[\w-]{16}\.0$/) },
    });
  });

  it("is good for exactly one of 100 concurrent copies, at several instances", async () => {
    const stores = [open(), open(), open(), open()];
    const copies = Array.from({ length: 100 }, (_, i) => stores[i % 4]!.commit(commit("copied"), NOW));
    const results = await Promise.all(copies);
    expect(results.filter((result) => result === "committed")).toHaveLength(1);
    expect(results.filter((result) => result === "replayed")).toHaveLength(99);
  });

  it("is written by the put that is sent again because its answer was lost", async () => {
    const sent: PutItemCommand[] = [];
    const twice = {
      send: async (command: PutItemCommand) => {
        sent.push(command);
        await dynalite.client.send(command);
        return dynalite.client.send(new PutItemCommand(command.input));
      },
    } as unknown as DynamoDBClient;
    expect(await open(twice).commit(commit("resent"), NOW)).toBe("committed");
    expect(sent).toHaveLength(1);
    expect(await open().commit(commit("resent"), NOW)).toBe("replayed");
  });

  it("is not taken back by another instance than the one that wrote it", async () => {
    const [mine, other] = [open(), open()];
    await mine.commit(commit("mine"), NOW);
    await other.release("mine");
    expect(await other.commit(commit("mine"), NOW)).toBe("replayed");
    await mine.release("mine");
    expect(await other.commit(commit("mine"), NOW)).toBe("committed");
  });

  it("that has expired by our own clock is free, though the table has not deleted it", async () => {
    const store = open();
    await store.commit(commit("old", { expiresAt: NOW }), NOW);
    expect(await store.commit(commit("old", { expiresAt: NOW + 1_000 }), NOW)).toBe("replayed");
    expect(await store.commit(commit("old", { expiresAt: NOW + 1_000 }), NOW + 1)).toBe("committed");
  });

  it.each([NOW - 1, Number.NaN])("is refused when it expires at %d, before it is made", async (expiresAt) => {
    expect(await open().commit(commit(`late ${expiresAt}`, { expiresAt }), NOW)).toBe("replayed");
    expect(await stored(`late ${expiresAt}`)).toBeUndefined();
  });
});

describe("a table that fails", () => {
  const unavailable = (problem: string) => expect.objectContaining({ code: "COMMIT_UNAVAILABLE", details: { problem } });

  it("answers COMMIT_UNAVAILABLE when it is not there", async () => {
    const store = dynamodbCommitStore({ client: dynalite.client, tableName: "another", random: seededRandom("x") });
    await expect(store.commit(commit("a"), NOW)).rejects.toThrow(unavailable("ResourceNotFoundException"));
    await expect(store.release("a")).rejects.toThrow(unavailable("ResourceNotFoundException"));
  });

  it("answers COMMIT_UNAVAILABLE when nobody listens", async () => {
    const client = dynamodbClient("http://127.0.0.1:9");
    const store = open(client);
    await expect(store.commit(commit("a"), NOW)).rejects.toThrow(expect.objectContaining({ code: "COMMIT_UNAVAILABLE" }));
    client.destroy();
  });
});
