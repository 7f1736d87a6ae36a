/**
 * GitHub's webhooks: weak, a delivery can be replayed for ever. Keep `X-GitHub-Delivery`, though it is not signed.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
import type { TemplateOptions } from "../template/options.js";

export const github = {
  name: "github",
  weak: true,
  segments: [{ kind: "body" }],
  algorithm: "hmac-sha256",
  encoding: "hex",
  signature: { header: "X-Hub-Signature-256", prefix: "sha256=" },
} as const satisfies TemplateOptions;
