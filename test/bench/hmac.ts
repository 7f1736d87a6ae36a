/** Signing and verifying a request with a body of 1 KiB, against nothing but the node:crypto calls that they cannot do without. */
import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import { callsPerSecond, compare, type Effort } from "./measure.js";
import { message } from "./signable-message.js";

const ROUND_MS = 300;

const key = { id: "bench", secret: new SecretValue(randomBytes(32)) };
const now = Date.now();
const freshness = { timestampSeconds: Math.floor(now / 1000), nonce: randomBytes(18).toString("base64url") };
const profile = hmacProfile({ form: "strict" });
const signed: SignableMessage = { ...message, headers: [...message.headers, ...profile.sign(message, key, freshness)] };

const secretBytes = key.secret.revealBytes();
const baseHead = "h".repeat(180);
const bareBase = (): string => baseHead + hash("sha256", message.body as Uint8Array, "hex");
const bareMac = (base: string): Buffer => createHmac("sha256", secretBytes).update(base).digest();
const expectedMac = bareMac(bareBase());

export const hmacSign = ({ rounds, timeScale }: Effort) =>
  compare(
    {
      name: "hmac sign",
      unit: "calls/s",
      better: "higher",
      ours: () => callsPerSecond(() => profile.sign(message, key, freshness), ROUND_MS * timeScale),
      peers: { "crypto.hash + createHmac": () => callsPerSecond(() => bareMac(bareBase()), ROUND_MS * timeScale) },
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
          const verified = profile.verify(signed, () => key.secret, now);
          if (isDenial(verified) || verified.claim === "") throw new Error("a good signature was refused");
        }, ROUND_MS * timeScale),
      peers: {
        // The claim is the hash of the base, so it is one of the calls.
        "crypto.hash twice + createHmac + timingSafeEqual": () =>
          callsPerSecond(() => {
            const base = bareBase();
            if (!timingSafeEqual(bareMac(base), expectedMac) || hash("sha256", base, "hex") === "")
              throw new Error("a good signature was refused");
          }, ROUND_MS * timeScale),
      },
    },
    { rounds, timeScale },
  );
