/** Shopify's webhooks: weak, a delivery can be replayed for ever. https://shopify.dev/docs/apps/build/webhooks/subscribe/https */
import type { TemplateOptions } from "../template/options.js";

export const shopify = {
  name: "shopify",
  weak: true,
  segments: [{ kind: "body" }],
  algorithm: "hmac-sha256",
  encoding: "base64",
  signature: { header: "X-Shopify-Hmac-Sha256" },
} as const satisfies TemplateOptions;
