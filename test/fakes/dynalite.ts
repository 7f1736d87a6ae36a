/** DynamoDB on loopback, in memory, with a door's table in it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

/** Accepted by every simulation of AWS, and by AWS never. */
export const TEST_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
export const TABLE = "door-commits";

export interface Dynalite {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = dynamodbClient(endpoint);
  await createCommitTable(client, TABLE);
  return {
    endpoint,
    client,
    async stop() {
      client.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** One attempt, so that a failure is seen as it is. */
export const dynamodbClient = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: TEST_CREDENTIALS, maxAttempts: 1 });

/** The table as `AuditTrail` deploys it. */
export async function createCommitTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "claim", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "claim", AttributeType: "S" }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 }, { TableName: tableName });
}
