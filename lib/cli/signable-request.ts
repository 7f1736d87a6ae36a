/**
 * The request that `sign` and `verify` work on, from the words of a command line. The URL is cut, never parsed: a URL
 * class would rewrite dot segments and escapes, and another request would be signed than the one that is sent.
 */

import { SallyportError } from "../errors.js";
import { type Header, isHeaderName, isHeaderValue } from "../http/headers.js";
import { SecretValue } from "../secret-value.js";
import { canonicalTarget, type SignableMessage, targetBelow } from "../signing/index.js";
import { invalidInput } from "./invalid-input.js";
import type { Io } from "./io.js";
import { readInput } from "./policy-sources.js";
import { DEFAULT_SECRETS_PATH, isSecretName, type SecretStoreOptions, secretStore, withoutLineEnd } from "./secret-store.js";
import type { ProfileOptions } from "./signing-profiles.js";

export interface RequestOptions extends SecretStoreOptions, ProfileOptions {
  /** Name of the signing key in the secret store. */
  readonly key?: string | undefined;
  /** A file of mode 0600 that holds it, or `-` for standard input. */
  readonly keyFile?: string | undefined;
  readonly method: string;
  readonly url: string;
  /** `name: value` each. */
  readonly headers: readonly string[];
  /** `@file`, `-` for standard input, or the text itself. */
  readonly data?: string | undefined;
  /** Sign the target that API Gateway preserves; a text is the stage or base path that it takes off. */
  readonly canonicalTarget?: boolean | string | undefined;
}

export interface SignableRequest {
  readonly message: SignableMessage & { readonly body: Uint8Array };
  /** The URL that sends exactly `message.authority` and `message.target`, below the stage if there is one. */
  readonly url: string;
  readonly key: SecretValue;
}

const STDIN = "-";

/** @throws {INPUT_INVALID | SECRET_MISSING | STORE_UNUSABLE} */
export async function signableRequest(options: RequestOptions, io: Io): Promise<SignableRequest> {
  const { method, data, headers, canonicalTarget: canonical = false } = options;
  if (options.keyFile === STDIN && data === STDIN) throw invalidInput("key and data cannot both be standard input");
  const { scheme, authority, target: rawTarget } = cutUrl(options.url);
  const front = typeof canonical === "string" ? canonical : "";
  const target = canonical === false ? rawTarget : canonicalTarget(targetBelow(front, rawTarget));
  const body = data === undefined ? new Uint8Array(0) : await readData(data, io);
  const message = { method, authority, target, headers: headers.map(readHeader), body };
  return { message, url: `${scheme}://${authority}${front}${target}`, key: await readKey(options, io) };
}

const URL_PARTS = /^(https?):\/\/([^/?#@]+)(\/[^#]*)?$/i;
const DEFAULT_PORT: Readonly<Record<string, string>> = { https: ":443", http: ":80" };

/** The authority as clients send it: in lower case, without the scheme's own port. */
function cutUrl(url: string): { scheme: string; authority: string; target: string } {
  const [, schemeText, authorityText, target = "/"] = URL_PARTS.exec(url) ?? [];
  if (schemeText === undefined || authorityText === undefined || !/^[!-~]+$/.test(url)) {
    throw invalidInput("the URL is not http(s)://host[:port]/path with escapes for all but visible ASCII, without user or fragment");
  }
  const scheme = schemeText.toLowerCase();
  const authority = authorityText.toLowerCase();
  const port = DEFAULT_PORT[scheme]!;
  return { scheme, authority: authority.endsWith(port) ? authority.slice(0, -port.length) : authority, target };
}

function readHeader(text: string): Header {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0));
  const value = text.slice(colon + 1).trim();
  if (isHeaderName(name) && isHeaderValue(value)) return [name, value];
  throw invalidInput("a header is not `name: value` in printable ASCII");
}

async function readData(data: string, io: Io): Promise<Uint8Array> {
  if (data === STDIN) return io.readStdin();
  return data.startsWith("@") ? readInput(data.slice(1), io) : Buffer.from(data, "utf8");
}

/** Messages hold what was given as a name only where it is one: it may be the key itself. */
async function readKey({ key, keyFile, ...store }: RequestOptions, io: Io): Promise<SecretValue> {
  if ((key === undefined) === (keyFile === undefined)) throw invalidInput("give the signing key by either --key NAME or --key-file FILE");
  if (key !== undefined) {
    const secret = await secretStore(store, io).get(key);
    if (secret !== undefined) return secret.value;
    throw new SallyportError(
      "SECRET_MISSING",
      {},
      {
        message: `${store.secrets ?? DEFAULT_SECRETS_PATH} has no secret ${isSecretName(key) ? `\`${key}\`` : "of the name given by --key"}`,
      },
    );
  }
  const bytes = keyFile === STDIN ? await io.readStdin() : io.readPrivateFile(keyFile!);
  if (bytes === undefined) throw invalidInput(`cannot read ${keyFile}: there is no such file`, { path: keyFile });
  return new SecretValue(withoutLineEnd(bytes));
}
