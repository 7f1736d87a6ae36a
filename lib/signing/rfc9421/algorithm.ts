/**
 * The six algorithms of RFC 9421 section 3.3, each a row: which keys it takes, how it signs, how long a signature is. The
 * profile names the row; a key of another kind is refused, so that no public key ever serves as an HMAC secret (algorithm
 * confusion).
 */
import { constants, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import { type Denial, deny } from "../../errors.js";
import type { SecretValue } from "../../secret-value.js";
import { rememberingDerived } from "../derived-keys.js";
import { STAND_INS } from "./stand-in-keys.js";

export interface Algorithm {
  readonly sign: (base: string, secret: SecretValue) => Buffer | Denial;
  /** A signature of another length than the key makes is false. */
  readonly verify: (signature: Uint8Array, base: string, secret: SecretValue) => boolean | Denial;
  /** A key that is nobody's, of the same kind: verifying takes as long with it. */
  readonly standIn: SecretValue;
}

interface AsymmetricRow {
  /** In words. */
  readonly keys: string;
  readonly takes: (key: KeyObject) => boolean;
  readonly hash: "sha256" | "sha384" | "sha512" | null;
  readonly options: { readonly padding?: number; readonly saltLength?: number; readonly dsaEncoding?: "ieee-p1363" };
  readonly lengthOf: (key: KeyObject) => number;
}

/** An `rsa-pss` key may itself say which hash it is for. */
const isRsa = (types: readonly string[]) => (key: KeyObject) => {
  const { modulusLength = 0, hashAlgorithm = "sha512" } = key.asymmetricKeyDetails ?? {};
  return types.includes(key.asymmetricKeyType!) && modulusLength >= 2048 && hashAlgorithm === "sha512";
};
const modulusBytes = (key: KeyObject) => Math.ceil(key.asymmetricKeyDetails!.modulusLength! / 8);

const onCurve = (namedCurve: string, keys: string, hash: "sha256" | "sha384", length: number): AsymmetricRow => ({
  keys,
  takes: (key) => key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails!.namedCurve === namedCurve,
  hash,
  options: { dsaEncoding: "ieee-p1363" },
  lengthOf: () => length,
});

const ASYMMETRIC = {
  ed25519: { keys: "an Ed25519 key", takes: (key) => key.asymmetricKeyType === "ed25519", hash: null, options: {}, lengthOf: () => 64 },
  "ecdsa-p256-sha256": onCurve("prime256v1", "a P-256 key", "sha256", 64),
  "ecdsa-p384-sha384": onCurve("secp384r1", "a P-384 key", "sha384", 96),
  "rsa-pss-sha512": {
    keys: "an RSA key of at least 2048 bits",
    takes: isRsa(["rsa", "rsa-pss"]),
    hash: "sha512",
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
    lengthOf: modulusBytes,
  },
  "rsa-v1_5-sha256": {
    keys: "an RSA key of at least 2048 bits",
    takes: isRsa(["rsa"]),
    hash: "sha256",
    options: { padding: constants.RSA_PKCS1_PADDING },
    lengthOf: modulusBytes,
  },
} as const satisfies Record<string, AsymmetricRow>;

function asymmetric(name: keyof typeof ASYMMETRIC): Algorithm {
  const { keys, takes, hash, options, lengthOf }: AsymmetricRow = ASYMMETRIC[name];
  const keyOf = rememberingDerived((secret, use): KeyObject | Denial => {
    const key = parseKey(secret.revealText(), use === "sign" ? createPrivateKey : createPublicKey);
    const expected = `${keys} as PEM or JWK, private to sign`;
    return key !== undefined && takes(key) ? key : deny("SECRET_UNUSABLE", { expected });
  });
  return {
    standIn: STAND_INS[name],
    sign(base, secret) {
      const key = keyOf(secret, "sign");
      return "denied" in key ? key : sign(hash, Buffer.from(base, "latin1"), { key, ...options });
    },
    verify(signature, base, secret) {
      const key = keyOf(secret, "verify");
      if ("denied" in key) return key;
      return signature.length === lengthOf(key) && verify(hash, Buffer.from(base, "latin1"), { key, ...options }, signature);
    },
  };
}

function parseKey(text: string, create: (key: never) => KeyObject): KeyObject | undefined {
  try {
    const key = text.trimStart().startsWith("{") ? { key: JSON.parse(text), format: "jwk" } : text;
    return create(key as never);
  } catch {
    return undefined;
  }
}

/** PEM or JWK where the secret of an HMAC should be: a public key is known to everybody. */
const LOOKS_LIKE_A_KEY = /^\s*(?:-----BEGIN |\{\s*")/;

const rawSecret = rememberingDerived((secret) =>
  LOOKS_LIKE_A_KEY.test(secret.revealText())
    ? deny("SECRET_UNUSABLE", { expected: "a raw HMAC secret, not PEM or JWK" })
    : { bytes: secret.revealBytes() },
);

function macOf(base: string, secret: SecretValue): Buffer | Denial {
  const raw = rawSecret(secret, "hmac-sha256");
  return "denied" in raw ? raw : createHmac("sha256", raw.bytes).update(base).digest();
}

const hmacSha256: Algorithm = {
  standIn: STAND_INS["hmac-sha256"],
  sign: macOf,
  verify(signature, base, secret) {
    const mac = macOf(base, secret);
    return "denied" in mac ? mac : signature.length === mac.length && timingSafeEqual(signature, mac);
  },
};

export type Rfc9421AlgorithmName = "hmac-sha256" | keyof typeof ASYMMETRIC;

export const ALGORITHMS: Readonly<Record<Rfc9421AlgorithmName, Algorithm>> = {
  "hmac-sha256": hmacSha256,
  ed25519: asymmetric("ed25519"),
  "ecdsa-p256-sha256": asymmetric("ecdsa-p256-sha256"),
  "ecdsa-p384-sha384": asymmetric("ecdsa-p384-sha384"),
  "rsa-pss-sha512": asymmetric("rsa-pss-sha512"),
  "rsa-v1_5-sha256": asymmetric("rsa-v1_5-sha256"),
};
