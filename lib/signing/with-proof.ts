/** Puts a proof where its profile carries it: behind the message's headers, or percent-encoded behind its query. */
import type { HeaderList, SignableMessage } from "./message.js";
import type { SigningProfile } from "./profile.js";
import { uriEncode } from "./sigv4/uri-encoding.js";

/**
 * @param proof what the profile's `sign` returned for this message
 * @returns the message as it is to be sent
 *
 * @example
 * const presigned = withProof(message, profile, profile.sign(message, key, { timestampSeconds, nonce: "" }));
 * const url = `https://${presigned.authority}${presigned.target}`;
 */
export function withProof(message: SignableMessage, { proofIn }: Pick<SigningProfile, "proofIn">, proof: HeaderList): SignableMessage {
  if (proofIn !== "query") return { ...message, headers: [...message.headers, ...proof] };
  const parameters = proof.map(([name, value]) => `${name}=${uriEncode(value)}`).join("&");
  return { ...message, target: `${message.target}${message.target.includes("?") ? "&" : "?"}${parameters}` };
}
