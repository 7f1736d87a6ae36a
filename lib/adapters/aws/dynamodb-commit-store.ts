/**
 * Claims and their audit intents in DynamoDB, for any number of instances. One conditional put is the claim and the
 * intent; whether a claim has expired is compared here, for the table's own expiry comes days late (THREATS 16, 17).
 * DynamoDB developer guide: condition expressions; time to live.
 */

import { hash } from "node:crypto";
import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SallyportError } from "../../errors.js";
import type { CommitStore, Random } from "../../ports.js";

export interface DynamodbCommitStoreOptions {
  readonly client: DynamoDBClient;
  /** Its key is the text `claim`, its time to live `expiresAt`. */
  readonly tableName: string;
  readonly random: Random;
}

/** An instance whose clock is slow could still judge a claim fresh that the table has deleted: it is kept for a day more. */
const DELETE_AFTER_MS = 24 * 60 * 60 * 1000;

export function dynamodbCommitStore({ client, tableName, random }: DynamodbCommitStoreOptions): CommitStore {
  const instance = Buffer.from(random.bytes(12)).toString("base64url");
  let writes = 0;

  return {
    async commit({ claim, expiresAt, owner, intent }, now) {
      // What has expired cannot be told from what was used.
      if (!(expiresAt >= now)) return "replayed";
      // A put whose answer was lost is sent again by the SDK, and must find its own write.
      const writeId = `${instance}.${writes++}`;
      const put = new PutItemCommand({
        TableName: tableName,
        Item: {
          claim: { S: keyOf(claim) },
          writeId: { S: writeId },
          expiresAtMs: { N: String(expiresAt) },
          expiresAt: { N: String(Math.ceil((expiresAt + DELETE_AFTER_MS) / 1000)) },
          owner: { S: owner },
          intent: { S: JSON.stringify(intent) },
        },
        ConditionExpression: "attribute_not_exists(claim) OR expiresAtMs < :now OR writeId = :writeId",
        ExpressionAttributeValues: { ":now": { N: String(now) }, ":writeId": { S: writeId } },
      });
      return unlessRefused(client.send(put), "committed" as const, "replayed" as const);
    },

    async release(claim) {
      const remove = new DeleteItemCommand({
        TableName: tableName,
        Key: { claim: { S: keyOf(claim) } },
        // Only what this instance wrote is its own to take back.
        ConditionExpression: "begins_with(writeId, :instance)",
        ExpressionAttributeValues: { ":instance": { S: instance } },
      });
      await unlessRefused(client.send(remove), undefined, undefined);
    },
  };
}

/** A key holds 2,048 bytes; this one has 43 characters, whatever the claim is called. */
const keyOf = (claim: string): string => hash("sha256", claim, "base64url");

async function unlessRefused<Done, Refused>(write: Promise<unknown>, done: Done, refused: Refused): Promise<Done | Refused> {
  try {
    await write;
    return done;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return refused;
    throw new SallyportError("COMMIT_UNAVAILABLE", { problem: (cause as Error).name }, { cause });
  }
}
