/** Slack's requests to an app. https://docs.slack.dev/authentication/verifying-requests-from-slack */
import type { TemplateOptions } from "../template/options.js";

export const slack = {
  name: "slack",
  segments: [{ kind: "literal", text: "v0" }, { kind: "timestamp" }, { kind: "body" }],
  delimiter: ":",
  algorithm: "hmac-sha256",
  encoding: "hex",
  signature: { header: "X-Slack-Signature", prefix: "v0=" },
  timestamp: { header: "X-Slack-Request-Timestamp" },
} as const satisfies TemplateOptions;
