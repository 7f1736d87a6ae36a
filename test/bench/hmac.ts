/** Signing and verifying a request with a body of 1 KiB, against nothing but the node:crypto calls that they cannot do without. */
import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import { callsPerSecond, compare, type Effort } from "./measure.js";

const ROUND_MS = 300;

const key = { id: "bench", secret: new SecretValue(randomBytes(32)) };
const now = Date.now();
const freshness = { timestampSeconds: Math.floor(now / 1000), nonce: randomBytes(18).toString("base64url") };
const profile = hmacProfile({ form: "strict" });
const message: SignableMessage = {
  method: "POST",
  authority: "api.partner.example",
  target: "/v2/orders?page=2",
  headers: [
    ["Host", "api.partner.example"],
    ["User-Agent", "bench/1"],
    ["Accept", "application/json"],
    ["Content-Type", "application/json"],
    ["Content-Length", "1024"],
  ],
  body: randomBytes(1024),
};
const signed: SignableMessage = { ...message, headers: [...message.headers, ...profile.sign(message, key, freshness)] };

const secretBytes = key.secret.revealBytes();
const baseHead = "h".repeat(180);
const bareMac = (): Buffer => {
  const base = baseHead + hash("sha256", message.body as Uint8Array, "hex");
  return createHmac("sha256", secretBytes).update(base).digest();
};
const expectedMac = bareMac();

export const hmacSign = ({ rounds, timeScale }: Effort) =>
  compare(
    {
      name: "hmac sign",
      unit: "calls/s",
      better: "higher",
      ours: () => callsPerSecond(() => profile.sign(message, key, freshness), ROUND_MS * timeScale),
      peers: { "crypto.hash + createHmac": () => callsPerSecond(bareMac, ROUND_MS * timeScale) },
    },
    { rounds, timeScale },
  );

export const hmacVerify = ({ rounds, timeScale }: Effort) =>
  compare(
    {
      name: "hmac verify",
      unit: "calls/s",
      better: "higher",
      ours: () =>
        callsPerSecond(() => {
          if (isDenial(profile.verify(signed, () => key.secret, now))) throw new Error("a good signature was refused");
        }, ROUND_MS * timeScale),
      peers: {
        "crypto.hash + createHmac + timingSafeEqual": () =>
          callsPerSecond(() => {
            if (!timingSafeEqual(bareMac(), expectedMac)) throw new Error("a good signature was refused");
          }, ROUND_MS * timeScale),
      },
    },
    { rounds, timeScale },
  );
