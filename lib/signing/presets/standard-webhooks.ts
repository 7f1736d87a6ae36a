/** Standard Webhooks, symmetric (`v1`). https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import type { TemplateOptions } from "../template/options.js";

export const standardWebhooks = {
  name: "standard-webhooks",
  segments: [{ kind: "nonce" }, { kind: "timestamp" }, { kind: "body" }],
  delimiter: ".",
  algorithm: "hmac-sha256",
  encoding: "base64",
  signature: { header: "webhook-signature", prefix: "v1,", separator: " " },
  timestamp: { header: "webhook-timestamp" },
  nonce: { header: "webhook-id" },
  secret: { prefix: "whsec_", encoding: "base64" },
} as const satisfies TemplateOptions;
