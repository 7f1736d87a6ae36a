/** Stripe's webhooks. https://docs.stripe.com/webhooks#verify-manually */
import type { TemplateOptions } from "../template/options.js";

export const stripe = {
  name: "stripe",
  segments: [{ kind: "timestamp" }, { kind: "body" }],
  delimiter: ".",
  algorithm: "hmac-sha256",
  encoding: "hex",
  signature: { header: "Stripe-Signature", prefix: "v1=", separator: "," },
  timestamp: { header: "Stripe-Signature", prefix: "t=", separator: "," },
} as const satisfies TemplateOptions;
