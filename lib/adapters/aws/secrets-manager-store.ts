/**
 * Secrets Manager as the policy's secrets and certificates: the deployment says what each name stands for there, and its entry
 * may choose a field of the stored JSON. The version that was current when it was read stands in the audit. An answer
 * that says no (gone, deleted, access taken away) is an answer: only silence is forgiven by the cache. (THREATS 20, 24)
 */
import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SallyportError } from "../../errors.js";
import type { PolicyDocument } from "../../policy/document.generated.js";
import type { SecretStore } from "../../ports.js";
import { SecretValue } from "../../secret-value.js";

export interface SecretsManagerStoreOptions {
  readonly client: SecretsManagerClient;
  readonly document: Pick<PolicyDocument, "secrets" | "certificates">;
  /** What Secrets Manager knows each by (a name or an ARN), by the policy's name. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Errors by which the store says that there is no value for this reader. */
const NO_VALUE = new Set(["ResourceNotFoundException", "InvalidRequestException", "AccessDeniedException", "DecryptionFailure"]);

export function secretsManagerStore({ client, document, ids }: SecretsManagerStoreOptions): SecretStore {
  const entries = new Map(Object.entries({ ...document.secrets, ...document.certificates }));
  return {
    async get(name) {
      const id = ids.get(name);
      if (id === undefined) return undefined;
      const stored = await client.send(new GetSecretValueCommand({ SecretId: id })).catch((cause: Error) => {
        if (NO_VALUE.has(cause.name)) return undefined;
        throw new SallyportError("SECRET_UNAVAILABLE", { secret: name, problem: cause.name }, { cause });
      });
      const value = fieldOf(name, stored?.SecretString ?? stored?.SecretBinary, entries.get(name)?.source.field);
      return value === undefined ? undefined : { value: new SecretValue(value), version: stored?.VersionId ?? "" };
    },
  };
}

function fieldOf(name: string, stored: string | Uint8Array | undefined, field: string | undefined): string | Uint8Array | undefined {
  if (field === undefined || stored === undefined) return stored;
  try {
    const fields: unknown = JSON.parse(Buffer.from(stored).toString("utf8"));
    const value =
      typeof fields === "object" && fields !== null && Object.hasOwn(fields, field)
        ? (fields as Record<string, unknown>)[field]
        : undefined;
    return typeof value === "string" ? value : undefined;
  } catch {
    // The parser's own message would quote the secret.
    throw new SallyportError("SECRET_UNUSABLE", { secret: name, expected: `JSON with the field ${field}` });
  }
}
