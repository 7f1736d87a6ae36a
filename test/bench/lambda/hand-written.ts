/** What one writes instead of a door: reads the secret once an instance, adds it, and passes the call on. No caller is verified. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

interface Event {
  readonly httpMethod: string;
  readonly path: string;
  readonly body: string | null;
}

const client = new SecretsManagerClient({});
let apiKey: string | undefined;

async function readSecret(): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ID }));
  return SecretString!;
}

export const handler = async ({ httpMethod, path, body }: Event) => {
  apiKey ??= await readSecret();
  const response = await fetch(process.env.UPSTREAM + path, { method: httpMethod, headers: { authorization: `Bearer ${apiKey}` }, body });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
};
