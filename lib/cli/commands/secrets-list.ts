/** `sallyport secrets list`: names, versions and dates; never values. */
import type { SecretListing } from "../../adapters/local/secret-file.js";
import type { CommandResult } from "../command-result.js";
import { EXIT } from "../exit-code.js";
import type { Io } from "../io.js";
import { DEFAULT_SECRETS_PATH, type SecretStoreOptions, secretStore } from "../secret-store.js";

export async function secretsList(options: SecretStoreOptions, io: Io): Promise<CommandResult<"secret-list", readonly SecretListing[]>> {
  const data = await secretStore(options, io).list();
  const none = `${options.secrets ?? DEFAULT_SECRETS_PATH} holds no secrets`;
  return { exitCode: EXIT.ok, kind: "secret-list", data, warnings: data.length === 0 ? [none] : [] };
}
