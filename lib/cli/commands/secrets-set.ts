/**
 * `sallyport secrets set`: stores a value that was piped in or typed unseen. Never one from an argument, which the
 * shell's history and every process list would keep (THREATS 24).
 */
import { SecretValue } from "../../secret-value.js";
import type { CommandResult } from "../command-result.js";
import { EXIT } from "../exit-code.js";
import { invalidInput } from "../invalid-input.js";
import type { Io } from "../io.js";
import { DEFAULT_SECRETS_PATH, isSecretName, type SecretStoreOptions, secretStore, withoutLineEnd } from "../secret-store.js";

export interface SecretsSetOptions extends SecretStoreOptions {
  /** The positional arguments: one name. */
  readonly args: readonly string[];
}

export interface StoredSecret {
  readonly name: string;
  readonly version: string;
  readonly store: string;
}

const MIN_INJECTED_BYTES = 12;

/** No message holds an argument: it may be the value itself. */
export async function secretsSet(options: SecretsSetOptions, io: Io): Promise<CommandResult<"stored-secret", StoredSecret>> {
  const [name, ...more] = options.args;
  if (more.length > 0) {
    throw invalidInput(
      "a value is never an argument, for the shell's history and every process list would keep it; " +
        "pipe it in, or leave it out to be asked. If what you typed was a real value, rotate it",
    );
  }
  if (name === undefined || !isSecretName(name)) {
    throw invalidInput("the name must be the policy's: 1 to 63 lower-case letters, digits and hyphens, the first a letter");
  }
  const value = new SecretValue(io.stdinIsTTY ? await askTwice(name, io) : withoutLineEnd(await io.readStdin()));
  if (value.byteLength === 0) throw invalidInput("the value is empty");
  const version = await secretStore(options, io).set(name, value);
  const short = `the value has fewer than ${MIN_INJECTED_BYTES} bytes: it can sign, but the door refuses to inject it`;
  return {
    exitCode: EXIT.ok,
    kind: "stored-secret",
    data: { name, version, store: options.secrets ?? DEFAULT_SECRETS_PATH },
    warnings: value.byteLength < MIN_INJECTED_BYTES ? [short] : [],
  };
}

async function askTwice(name: string, io: Io): Promise<string> {
  const value = await io.promptHidden(`Value of ${name}: `);
  const again = await io.promptHidden("The same again: ");
  if (value !== again) throw invalidInput("the two entries differ; nothing was stored");
  return value;
}
