/**
 * Twilio's webhooks: weak, for SHA-1, no freshness, and form pairs joined with nothing between them.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
import type { TemplateOptions } from "../template/options.js";

export const twilio = {
  name: "twilio",
  weak: true,
  segments: [{ kind: "url-with-form", scheme: "https", bodySha256Parameter: "bodySHA256" }],
  algorithm: "hmac-sha1",
  encoding: "base64",
  signature: { header: "X-Twilio-Signature" },
} as const satisfies TemplateOptions;
