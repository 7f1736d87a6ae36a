/**
 * What was revoked since the policy was deployed: one item of the claims' table, `{claim: "revocations", revoked: set of
 * names}`, which an operator changes in an incident. Each instance reads it at most every `pollMs` and believes nothing
 * older; when it cannot be read, every call is denied. (THREATS 20; fault 3)
 */
import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SallyportError } from "../../errors.js";
import type { Clock, Revocations } from "../../ports.js";

export interface DynamodbRevocationsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
  /** Milliseconds for which what was read is believed. Default 1,000. */
  readonly pollMs?: number;
}

/** No claim has this key: those are hashes. */
export const REVOCATIONS_KEY = "revocations";

/** Begins to read at once. */
export function dynamodbRevocations({ client, tableName, clock, pollMs = 1_000 }: DynamodbRevocationsOptions): Revocations {
  const get = new GetItemCommand({ TableName: tableName, Key: { claim: { S: REVOCATIONS_KEY } }, ConsistentRead: true });
  let believedUntil = 0;
  let current: Promise<ReadonlySet<string>>;

  const read = (): void => {
    believedUntil = clock.monotonic() + pollMs;
    current = client.send(get).then(
      ({ Item }) => new Set(Item?.revoked?.SS),
      (cause: Error) => {
        believedUntil = 0;
        throw new SallyportError("REVOCATIONS_UNKNOWN", { problem: cause.name }, { cause });
      },
    );
    current.catch(() => {}); // Told to whoever asks.
  };
  read();

  return {
    async revoked(names) {
      if (clock.monotonic() >= believedUntil) read();
      const revoked = await current;
      return names.filter((name) => revoked.has(name));
    },
  };
}
