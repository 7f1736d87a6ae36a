/** The credentials of the tour, made anew each time, each a canary; and the store that the gateway reads them from. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretFile } from "sallyport/local";
import { SecretValue } from "sallyport/runtime";
import { canary } from "../../test/fakes/canary.js";
import { createAuthority, type IssuedCertificate } from "../../test/fakes/certificates.js";

export interface TourCredentials {
  readonly bearer: string;
  readonly signingKey: string;
  readonly callerKey: string;
  readonly server: IssuedCertificate;
  readonly client: IssuedCertificate;
  readonly authorityPem: string;
  /** Every value that must be found nowhere. */
  readonly secrets: readonly string[];
  /** Writes the authority's certificate, which is no secret. */
  caFile(folder: string): string;
}

export async function credentialsOf(host: string): Promise<TourCredentials> {
  const authority = await createAuthority("Tour authority");
  const server = await authority.issue({ commonName: host, dnsNames: [host] });
  const client = await authority.issue({ commonName: "payments-door", client: true });
  const [bearer, signingKey, callerKey] = [canary("bearer"), canary("signing"), canary("caller")];
  return {
    bearer,
    signingKey,
    callerKey,
    server,
    client,
    authorityPem: authority.certificatePem,
    secrets: [bearer, signingKey, callerKey, client.privateKeyPem],
    caFile(folder) {
      const path = join(folder, "authority.pem");
      writeFileSync(path, authority.certificatePem);
      return path;
    },
  };
}

export interface StoredCredentials {
  readonly secretsFile: string;
  readonly keyFile: string;
}

/** What `sallyport secrets set` does, once for each name of the policy. */
export async function storeCredentials(
  { bearer, signingKey, callerKey, client }: TourCredentials,
  folder: string,
): Promise<StoredCredentials> {
  const stored = { secretsFile: join(folder, "secrets.json"), keyFile: join(folder, "key") };
  const store = secretFile({ path: stored.secretsFile, keyPath: stored.keyFile });
  await store.set("acquirer-key", new SecretValue(bearer));
  await store.set("acquirer-signing-key", new SecretValue(signingKey));
  await store.set("payments-key", new SecretValue(callerKey));
  await store.set("acquirer-client", new SecretValue(`${client.certificatePem}\n${client.privateKeyPem}`));
  return stored;
}
