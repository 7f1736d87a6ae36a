import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { dynamodbCommitStore } from "../../lib/adapters/aws/dynamodb-commit-store.js";
import { createCommitTable, type Dynalite, startDynalite } from "../fakes/dynalite.js";
import { seededRandom } from "../fakes/memory-ports.js";
import { commitStoreContract } from "./commit-store.js";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

const open = async () => {
  const tableName = `commits-${randomUUID()}`;
  await createCommitTable(dynalite.client, tableName);
  return { store: dynamodbCommitStore({ client: dynalite.client, tableName, random: seededRandom(tableName) }) };
};

// The table grows with what is asked of it.
commitStoreContract("DynamoDB (dynalite)", open, { bounded: false });
