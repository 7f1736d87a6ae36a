/**
 * The two algorithms of AWS Signature Version 4, each as data and two functions. Region and service are fixed here, by the
 * profile: a message that names another scope is refused (scope confusion).
 */
import { createHmac, createPrivateKey, createPublicKey, createSecretKey, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import type { SecretValue } from "../../secret-value.js";
import { rememberingDerived } from "../derived-keys.js";
import { ecdsaPrivateKey } from "./ecdsa-key.js";

/** Whose key: for ECDSA the key id is part of it. */
export interface KeyOfDay {
  readonly id: string;
  readonly secret: SecretValue;
  /** `20150830` */
  readonly day: string;
}

export interface Sigv4Algorithm {
  readonly name: string;
  /** `20150830/us-east-1/iam/aws4_request` */
  readonly scope: (day: string) => string;
  /** SigV4A names its regions in a signed header or parameter instead of the scope. */
  readonly regionSet?: string;
  readonly signature: { readonly pattern: RegExp; readonly expected: string };
  readonly sign: (stringToSign: string, key: KeyOfDay) => string;
  /** @param signature matches the pattern */
  readonly matches: (signature: string, stringToSign: string, key: KeyOfDay) => boolean;
}

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const TERMINATOR = "aws4_request";

export function hmacAlgorithm(region: string, service: string): Sigv4Algorithm {
  const keyOf = rememberingDerived((secret, day) => {
    const start = Buffer.concat([Buffer.from("AWS4"), secret.revealBytes()]);
    return createSecretKey([day, region, service, TERMINATOR].reduce<Buffer>(hmac, start));
  });
  const signHex = (stringToSign: string, { secret, day }: KeyOfDay): string =>
    createHmac("sha256", keyOf(secret, day)).update(stringToSign).digest("hex");
  return {
    name: "AWS4-HMAC-SHA256",
    scope: (day) => `${day}/${region}/${service}/${TERMINATOR}`,
    signature: { pattern: /^[0-9a-f]{64}$/, expected: "64 lower-case hexadecimal digits" },
    sign: signHex,
    // The pattern makes both 64 bytes long.
    matches: (signature, stringToSign, key) =>
      timingSafeEqual(Buffer.from(signature, "latin1"), Buffer.from(signHex(stringToSign, key), "latin1")),
  };
}

export function ecdsaAlgorithm(regionSet: string, service: string): Sigv4Algorithm {
  const keysOf = rememberingDerived((secret, id): { privateKey: KeyObject; publicKey: KeyObject } => {
    const privateKey = createPrivateKey({ key: ecdsaPrivateKey(id, secret), format: "jwk" });
    return { privateKey, publicKey: createPublicKey(privateKey) };
  });
  return {
    name: "AWS4-ECDSA-P256-SHA256",
    scope: (day) => `${day}/${service}/${TERMINATOR}`,
    regionSet,
    signature: { pattern: /^30(?:[0-9a-f]{2}){7,71}$/, expected: "an ECDSA signature, DER in lower-case hexadecimal digits" },
    sign: (stringToSign, { id, secret }) => sign("sha256", Buffer.from(stringToSign), keysOf(secret, id).privateKey).toString("hex"),
    matches: (signature, stringToSign, { id, secret }) =>
      verify("sha256", Buffer.from(stringToSign), keysOf(secret, id).publicKey, Buffer.from(signature, "hex")),
  };
}
