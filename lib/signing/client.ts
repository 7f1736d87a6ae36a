/**
 * A `fetch` that signs what it sends, for callers. The request is read once as `fetch` itself would make it: its target
 * without dot segments and fragment, the content type that a form or a text brings along. What is signed is then sent,
 * byte for byte. RFC 9110 section 7.1; WHATWG Fetch, "extract a body".
 */
import { randomBytes } from "node:crypto";
import { canonicalTarget, targetBelow } from "./canonical-target.js";
import { invalidInput } from "./invalid-input.js";
import type { SignableMessage } from "./message.js";
import type { SigningKey, SigningProfile } from "./profile.js";
import { withProof } from "./with-proof.js";

export type Fetch = typeof globalThis.fetch;

export interface SignFetchOptions {
  /**
   * Send and sign the one spelling of the target that API Gateway preserves: for doors behind it. A text is what API
   * Gateway takes off the front of the path, the stage or base path (`/prod`): it is sent, not signed. Default false.
   */
  readonly canonicalTarget?: boolean | `/${string}`;
  /** Milliseconds since the Unix epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** A new unpredictable text for each request. Default: 144 random bits. */
  readonly nonce?: () => string;
}

const systemNonce = (): string => randomBytes(18).toString("base64url");

/**
 * @param key the key, or what chooses one for each request, such as a keyring
 * @returns a `fetch` that buffers bodies and hands redirects back, for their targets are not signed
 *
 * @example
 * const signedFetch = signFetch(fetch, hmacProfile({ form: "strict" }), { id: "payments", secret });
 * const response = await signedFetch("https://door.example/stripe/v1/charges", { method: "POST", body: "amount=100" });
 *
 * @throws {INPUT_INVALID} from the call, when the body is a stream or the request cannot be signed
 */
export function signFetch(
  fetch: Fetch,
  profile: SigningProfile,
  key: SigningKey | (() => SigningKey),
  { canonicalTarget: canonical = false, now = Date.now, nonce = systemNonce }: SignFetchOptions = {},
): Fetch {
  const front = typeof canonical === "string" ? canonical : "";

  return async (input, init) => {
    if (isStream(init?.body))
      throw invalidInput({ part: "body", expected: "text, bytes, a form or a Blob: a stream cannot be signed before it is sent" });
    const request = new Request(input, init);
    const { origin, host, pathname, search } = new URL(request.url);
    const target = targetBelow(front, pathname + search);
    const body = new Uint8Array(await request.arrayBuffer());
    const message: SignableMessage = {
      method: request.method,
      authority: host,
      target: canonical === false ? target : canonicalTarget(target),
      headers: [...request.headers],
      body,
    };
    const proof = profile.sign(message, typeof key === "function" ? key() : key, {
      timestampSeconds: Math.floor(now() / 1000),
      nonce: nonce(),
    });
    const signed = withProof(message, profile, proof);
    const url = `${origin}${front}${signed.target}`;
    if (new URL(url).href !== url) throw invalidInput({ part: "target", expected: "one that fetch sends as it is written" });
    return fetch(url, {
      ...init,
      method: signed.method,
      headers: signed.headers.map(([name, value]): [string, string] => [name, value]),
      signal: request.signal,
      redirect: request.redirect === "follow" ? "manual" : request.redirect,
      ...(request.body !== null && { body }),
    });
  };
}

/** A web stream, a Node stream or a generator. */
const isStream = (body: unknown): boolean =>
  typeof body === "object" &&
  body !== null &&
  (body instanceof ReadableStream || (Symbol.asyncIterator in body && !(body instanceof Blob)));
