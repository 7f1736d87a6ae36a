/** The local secret store as the command line names it. */
import { join } from "node:path";
import { defaultKeyPath, type SecretFile, secretFile } from "../adapters/local/secret-file.js";
import { looksLikeCredential } from "../policy/credential-shape.js";
import type { Io } from "./io.js";

export const DEFAULT_STATE_FOLDER = ".sallyport";
export const DEFAULT_SECRETS_PATH = join(DEFAULT_STATE_FOLDER, "secrets.json");

export interface SecretStoreOptions {
  /** Default: {@link DEFAULT_SECRETS_PATH}. */
  readonly secrets?: string | undefined;
  /** The key that the store is sealed with. Default: `defaultKeyPath`. */
  readonly storeKeyFile?: string | undefined;
}

export const secretStore = ({ secrets = DEFAULT_SECRETS_PATH, storeKeyFile }: SecretStoreOptions, { env, clock, random }: Io): SecretFile =>
  secretFile({ path: secrets, keyPath: storeKeyFile ?? defaultKeyPath(env), clock, random });

/** Whether a text is a name as the policy has it; what is not may be a value given in the wrong place. */
export const isSecretName = (text: string): boolean => /^[a-z][a-z0-9-]{0,62}$/.test(text) && !looksLikeCredential(text);

/** Exactly one line end, which `echo` and editors put after a value. */
export function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== LF) return bytes;
  return bytes.subarray(0, bytes.at(-2) === CR ? -2 : -1);
}

const LF = 0x0a;
const CR = 0x0d;
