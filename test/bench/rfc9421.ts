/** Verifying an RFC 9421 signature over a request with a body of 1 KiB and its digest, against http-message-signatures. */
import { randomBytes } from "node:crypto";
import { createVerifier, httpbis } from "http-message-signatures";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import { digestProblem } from "../../lib/signing/rfc9421/content-digest.js";
import { rfc9421Profile } from "../../lib/signing/rfc9421.js";
import { callsPerSecond, compare, type Effort } from "./measure.js";
import { message } from "./signable-message.js";

const ROUND_MS = 300;

const key = { id: "bench", secret: new SecretValue(randomBytes(32)) };
const now = Date.now();
const freshness = { timestampSeconds: Math.floor(now / 1000), nonce: randomBytes(18).toString("base64url") };
const profile = rfc9421Profile({
  name: "bench",
  algorithm: "hmac-sha256",
  components: ["@method", "@authority", "@path", "@query", "content-type", "content-digest"],
});
const signed: SignableMessage = { ...message, headers: [...message.headers, ...profile.sign(message, key, freshness)] };

// The library does not look at the body: checking the digest is its caller's, and here both sides do it alike.
const peerMessage = { method: "POST", url: "https://api.partner.example/v2/orders?page=2", headers: Object.fromEntries(signed.headers) };
const peerKey = { id: key.id, algs: ["hmac-sha256" as const], verify: createVerifier(key.secret.revealBytes(), "hmac-sha256") };
const peerConfig = { keyLookup: async () => peerKey, requiredFields: ["@method", "@authority"], maxAge: 86_400 };

async function peerCallsPerSecond(milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  let calls = 0;
  while (performance.now() - startedAt < milliseconds) {
    for (let call = 0; call < 20; call++) {
      const good = (await httpbis.verifyMessage(peerConfig, peerMessage)) && !digestProblem(signed.headers, signed.body);
      if (!good) throw new Error("a good signature was refused");
    }
    calls += 20;
  }
  return (calls * 1000) / (performance.now() - startedAt);
}

export const rfc9421Verify = ({ rounds, timeScale }: Effort) =>
  compare(
    {
      name: "rfc9421 verify",
      unit: "calls/s",
      better: "higher",
      ours: () =>
        callsPerSecond(() => {
          if (isDenial(profile.verify(signed, () => key.secret, now))) throw new Error("a good signature was refused");
        }, ROUND_MS * timeScale),
      peers: { "http-message-signatures": () => peerCallsPerSecond(ROUND_MS * timeScale) },
    },
    { rounds, timeScale },
  );
