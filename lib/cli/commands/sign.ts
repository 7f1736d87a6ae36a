/** `sallyport sign`: the headers that prove a request, or a curl command that sends exactly what was signed. */
import { ERROR_CODES, isDenial } from "../../errors.js";
import { parseTarget } from "../../http/target.js";
import { isMethod } from "../../pipeline/stages/parse.js";
import type { HeaderList, SignableMessage } from "../../signing/index.js";
import type { CommandResult } from "../command-result.js";
import { curlCommand } from "../curl-command.js";
import { EXIT } from "../exit-code.js";
import { invalidInput } from "../invalid-input.js";
import type { Io } from "../io.js";
import { type RequestOptions, signableRequest } from "../signable-request.js";
import { NAMES_ITS_KEY, signingProfile, weaknessOf } from "../signing-profiles.js";

export type SignOutput = "headers" | "curl" | "json";

export interface SignOptions extends RequestOptions {
  readonly output: SignOutput;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** What signing adds. */
  readonly signature: HeaderList;
  /** A command line for a POSIX shell; null unless asked for. */
  readonly curl: string | null;
}

const NONCE_BYTES = 16;

export async function sign(options: SignOptions, io: Io): Promise<CommandResult<"signed-request", SignedRequest>> {
  const { profile, keyId, data, output } = options;
  if (NAMES_ITS_KEY.has(profile) && keyId === undefined) throw invalidInput(`${profile} names the key in the proof: give --key-id`);
  const { message, url, key } = await signableRequest(options, io);
  if (profile === "hmac-strict") mustBeTaken(message);
  const signature = signingProfile(options).sign(
    message,
    { id: keyId ?? "default", secret: key },
    {
      timestampSeconds: Math.floor(io.clock.now() / 1000),
      nonce: Buffer.from(io.random.bytes(NONCE_BYTES)).toString("base64url"),
    },
  );
  const { method, headers, body } = message;
  const curl = output === "curl" ? curlCommand({ method, url, headers: [...headers, ...signature], data, body }) : null;
  return { exitCode: EXIT.ok, kind: "signed-request", data: { method, url, signature, curl }, warnings: weaknessOf(profile) };
}

/**
 * What a door would refuse anyway is not worth a signature.
 * @throws {INPUT_INVALID} saying what in it is refused
 */
function mustBeTaken({ method, target }: SignableMessage): void {
  if (!isMethod(method))
    throw invalidInput("a door refuses the method: one is 3 to 20 upper-case letters, and not CONNECT, TRACE or TRACK");
  const parsed = parseTarget(target);
  if (!isDenial(parsed)) return;
  throw invalidInput(`a door refuses the URL, ${ERROR_CODES[parsed.denied].title}: ${parsed.details.what}`, parsed.details);
}
