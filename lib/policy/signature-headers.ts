/** The headers that each kind of signing writes, in lower case: no caller and no injection may write them beside it. */
import type { PresetProfile, SigningProfile } from "./document.generated.js";

type Scheme = Exclude<SigningProfile["kind"], "preset"> | PresetProfile["preset"];

const HEADERS: Readonly<Record<Scheme, readonly string[]>> = {
  hmac: ["x-timestamp", "x-nonce", "x-key-id", "x-signature"],
  rfc9421: ["content-digest", "signature-input", "signature"],
  sigv4: ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"],
  stripe: ["stripe-signature"],
  github: ["x-hub-signature-256"],
  slack: ["x-slack-request-timestamp", "x-slack-signature"],
  shopify: ["x-shopify-hmac-sha256"],
  twilio: ["x-twilio-signature"],
  "standard-webhooks": ["webhook-id", "webhook-timestamp", "webhook-signature"],
};

export const signatureHeaders = (profile: SigningProfile): readonly string[] =>
  HEADERS[profile.kind === "preset" ? profile.preset : profile.kind];
