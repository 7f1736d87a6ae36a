/** Secrets Manager's GetSecretValue on loopback: values by ARN, and the errors by which the service says no, or nothing. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { TEST_CREDENTIALS } from "./dynalite.js";

export interface FakeSecretsManager {
  readonly endpoint: string;
  /** Three attempts, as the function has. */
  readonly client: SecretsManagerClient;
  /** ARNs asked for, in order. */
  readonly reads: readonly string[];
  /** Stores a new version of `arn` and returns its id. */
  put(arn: string, value: string | Uint8Array): string;
  remove(arn: string): void;
  /** Answers the next `times` reads with this error. */
  fail(name: string, times?: number): void;
  stop(): Promise<void>;
}

export const arnOf = (name: string): string => `arn:aws:secretsmanager:eu-west-1:111111111111:secret:door/${name}-AbCdEf`;

const STATUS: Readonly<Record<string, number>> = { InternalServiceError: 500, ThrottlingException: 400 };

export async function startSecretsManager(values: Readonly<Record<string, string>> = {}): Promise<FakeSecretsManager> {
  const stored = new Map<string, object>();
  const reads: string[] = [];
  const failures: string[] = [];
  let versions = 0;

  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { SecretId: arn } = body as { SecretId: string };
      reads.push(arn);
      const failure = failures.shift() ?? (stored.has(arn) ? undefined : "ResourceNotFoundException");
      response.writeHead(failure === undefined ? 200 : (STATUS[failure] ?? 400), { "content-type": "application/x-amz-json-1.1" });
      response.end(
        JSON.stringify(failure === undefined ? { ARN: arn, ...stored.get(arn) } : { __type: failure, message: `${failure} it is` }),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new SecretsManagerClient({ endpoint, region: "eu-west-1", credentials: TEST_CREDENTIALS, maxAttempts: 3 });

  const fake: FakeSecretsManager = {
    endpoint,
    client,
    reads,
    put(arn, value) {
      const version = `version-${++versions}`;
      const text = typeof value === "string" ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString("base64") };
      stored.set(arn, { ...text, VersionId: version });
      return version;
    },
    remove: (arn) => void stored.delete(arn),
    fail: (name, times = 1) => void failures.push(...Array<string>(times).fill(name)),
    async stop() {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  for (const [name, value] of Object.entries(values)) fake.put(arnOf(name), value);
  return fake;
}
