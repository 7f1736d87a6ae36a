/** One SigV4 profile, compiled: every choice is made and checked here, none is left to a message. */
import type { SecretValue } from "../../secret-value.js";
import { invalidInput } from "../invalid-input.js";
import type { SigningKey } from "../profile.js";
import type { Sigv4Algorithm } from "./algorithm.js";
import type { PathRule } from "./canonical-request.js";
import { PAYLOAD_MODES, type PayloadMode, type PayloadName } from "./payload.js";

/** An AWS access key. The key id is the access key id. */
export interface Sigv4Key extends SigningKey {
  /** Of temporary credentials. It travels in `X-Amz-Security-Token`. */
  readonly sessionToken?: SecretValue;
}

export type Sigv4FormName = "header" | "query";

export interface CommonOptions {
  /** The service of the credential scope, e.g. `execute-api`. */
  readonly service: string;
  /** Stands in every claim, so that no two profiles share one: 1 to 128 characters A-Z a-z 0-9 . _ -. Default: the kind. */
  readonly name?: string;
  /** Where the proof travels: the Authorization header, or the query (a presigned target). Default `header`. */
  readonly form?: Sigv4FormName;
  /** Paths as S3 takes them: encoded once, never normalised; and the body's hash in a header. Default false. */
  readonly s3?: boolean;
  /** What is signed of the body. Default `signed`. */
  readonly payload?: PayloadName;
  /**
   * Header form: how far the signed time may lie from the verifier's clock, either way: 1 to 86400. Query form: how long a
   * presigned target lives, and the most that a verifier accepts: 1 to 604800. Default 300.
   */
  readonly windowSeconds?: number;
  /** Whether the header form carries the body's hash in X-Amz-Content-Sha256. Default: with S3, and wherever the body is not signed whole. */
  readonly contentSha256Header?: boolean;
  /** Add the session token after signing, as a few services ask for (AWS IoT). Default false. */
  readonly unsignedSessionToken?: boolean;
}

export interface Sigv4Rules {
  readonly name: string;
  readonly algorithm: Sigv4Algorithm;
  readonly form: Sigv4FormName;
  readonly pathRule: PathRule;
  readonly payload: PayloadMode;
  readonly windowSeconds: number;
  readonly carriesContentSha256: boolean;
  readonly unsignedSessionToken: boolean;
}

const MAX_WINDOW_SECONDS: Readonly<Record<Sigv4FormName, number>> = { header: 86_400, query: 604_800 };

const SCOPE_PART = /^[A-Za-z0-9._-]{1,64}$/;

const KEY_ID = /^[A-Za-z0-9._-]{1,128}$/;
export const KEY_ID_EXPECTED = "1 to 128 characters A-Z a-z 0-9 . _ -";
export const isKeyId = (text: string): boolean => KEY_ID.test(text);

/** @throws {INPUT_INVALID} unless the text can be one part of a credential scope */
export function checkScopePart(part: string, value: string): void {
  if (!SCOPE_PART.test(value)) throw invalidInput({ part, expected: "1 to 64 characters A-Z a-z 0-9 . _ -", found: value });
}

/** @throws {INPUT_INVALID} when an option is out of its range */
export function compileRules(algorithm: Sigv4Algorithm, kind: string, options: CommonOptions): Sigv4Rules {
  const { name = kind, form = "header", s3 = false, payload: payloadName = "signed", windowSeconds = 300 } = options;
  if (!Object.hasOwn(MAX_WINDOW_SECONDS, form)) throw invalidInput({ part: "form", expected: "header or query" });
  if (!Object.hasOwn(PAYLOAD_MODES, payloadName)) {
    throw invalidInput({ part: "payload", expected: Object.keys(PAYLOAD_MODES).join(" or ") });
  }
  const payload = PAYLOAD_MODES[payloadName];
  if (payload.chunks && (form === "query" || algorithm.regionSet !== undefined)) {
    throw invalidInput({ part: "payload", expected: "chunks with sigv4 in the header form only", found: payloadName });
  }
  const maxWindowSeconds = MAX_WINDOW_SECONDS[form];
  if (!(Number.isInteger(windowSeconds) && windowSeconds >= 1 && windowSeconds <= maxWindowSeconds)) {
    throw invalidInput({ part: "windowSeconds", expected: `a whole number from 1 to ${maxWindowSeconds}`, found: windowSeconds });
  }
  if (!isKeyId(name)) throw invalidInput({ part: "name", expected: KEY_ID_EXPECTED });
  return {
    name,
    algorithm,
    form,
    pathRule: s3 ? "s3" : "normalized",
    payload,
    windowSeconds,
    carriesContentSha256: form === "header" && (payload.declared !== undefined || (options.contentSha256Header ?? s3)),
    unsignedSessionToken: options.unsignedSessionToken ?? false,
  };
}
