/** One request to AWS, its key and a moment, as the SigV4 tests use them. */
import { SecretValue } from "../../../lib/secret-value.js";
import type { SignableMessage } from "../../../lib/signing/message.js";
import type { SigningProfile } from "../../../lib/signing/profile.js";
import type { Sigv4Key } from "../../../lib/signing/sigv4/rules.js";
import { withProof } from "../../../lib/signing/with-proof.js";

export const SECRET_TEXT = "canary-secret-access-key-1";
export const KEY: Sigv4Key = { id: "AKIACANARY1", secret: new SecretValue(SECRET_TEXT) };
export const OTHER_KEY: Sigv4Key = { id: "AKIACANARY2", secret: new SecretValue("canary-secret-access-key-2") };
export const keyFor = (id: string) => [KEY, OTHER_KEY].find((key) => key.id === id)?.secret;

/** 2023-11-14 22:13:20 UTC */
export const AT = { timestampSeconds: 1_700_000_000, nonce: "" };
export const NOW = 1_700_000_000_000;
export const SCOPE = { service: "execute-api", region: "eu-west-1" };

export const ORDER: SignableMessage = {
  method: "POST",
  authority: "api.partner.example",
  target: "/v2/orders?page=2&q=a%2Fb",
  headers: [
    ["Host", "api.partner.example"],
    ["Content-Type", "application/json"],
    ["X-Amz-Target", "Orders.Create"],
    ["User-Agent", "canary/1"],
  ],
  body: Buffer.from('{"amount":1200,"currency":"eur"}'),
};

export const signedWith = (profile: SigningProfile, message = ORDER, key = KEY, at = AT): SignableMessage =>
  withProof(message, profile, profile.sign(message, key, at));
