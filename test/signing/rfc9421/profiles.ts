/** A profile, and keys for every algorithm, as the tests of RFC 9421 use them. */
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SecretValue } from "../../../lib/secret-value.js";
import type { SignableMessage } from "../../../lib/signing/message.js";
import type { Rfc9421Options } from "../../../lib/signing/rfc9421/options.js";
import { rfc9421Profile } from "../../../lib/signing/rfc9421.js";
import { keyFor, NOW, SECRET_TEXT } from "../messages.js";

export const OPTIONS: Rfc9421Options = {
  name: "partner",
  algorithm: "hmac-sha256",
  components: ["@method", "@target-uri", "content-type"],
};
export const verify = (message: SignableMessage, options: Partial<Rfc9421Options> = {}, now = NOW) =>
  rfc9421Profile({ ...OPTIONS, ...options }).verify(message, keyFor, now);

export const hmac = (base: string) => createHmac("sha256", SECRET_TEXT).update(base).digest("base64");

export const pem = (key: KeyObject, type: "pkcs8" | "spki") => new SecretValue(key.export({ type, format: "pem" }).toString());
export const jwk = (key: KeyObject) => new SecretValue(JSON.stringify(key.export({ format: "jwk" })));

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const PAIRS = {
  ed25519: generateKeyPairSync("ed25519"),
  "ecdsa-p256-sha256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "ecdsa-p384-sha384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
  "rsa-pss-sha512": RSA,
  "rsa-v1_5-sha256": RSA,
} as const;
type AsymmetricName = keyof typeof PAIRS;
export const ASYMMETRIC = Object.keys(PAIRS) as AsymmetricName[];
