/** Vendors' schemes by name. Each is data for `templateProfile`; a weak one says so, and why stands in its file. */
import { invalidInput } from "../invalid-input.js";
import type { SigningProfile } from "../profile.js";
import type { TemplateOptions } from "../template/options.js";
import { templateProfile } from "../template.js";
import { github } from "./github.js";
import { shopify } from "./shopify.js";
import { slack } from "./slack.js";
import { standardWebhooks } from "./standard-webhooks.js";
import { stripe } from "./stripe.js";
import { twilio } from "./twilio.js";

export const PRESETS = { stripe, github, slack, shopify, twilio, "standard-webhooks": standardWebhooks } as const satisfies Record<
  string,
  TemplateOptions
>;

export type PresetName = keyof typeof PRESETS;

export interface PresetOptions {
  /** Stands in every claim, so that no two profiles share one. Default: the preset's name. */
  readonly name?: string;
  /** The id that goes to `keyFor`: no vendor carries one. Default `default`. */
  readonly keyId?: string;
  /** How far the signed time may lie from the verifier's clock, either way: 1 to 86400. Default 300. */
  readonly windowSeconds?: number;
}

/**
 * @example
 * const profile = presetProfile("stripe");
 * const key = { id: "default", secret: new SecretValue("whsec_test_secret") };
 * const message = { method: "POST", authority: "hooks.example", target: "/stripe", headers: [], body: Buffer.from("{}") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "" });
 * const verified = profile.verify({ ...message, headers: proof }, () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when no preset has this name, or an option is out of its range
 */
export function presetProfile(name: PresetName, options: PresetOptions = {}): SigningProfile {
  if (!Object.hasOwn(PRESETS, name)) throw invalidInput({ part: "preset", expected: Object.keys(PRESETS).join(", ") });
  return templateProfile({ ...PRESETS[name], ...options });
}
