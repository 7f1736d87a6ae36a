/**
 * The P-256 key that SigV4A derives from a secret: NIST SP 800-108 in counter mode with HMAC-SHA256, candidates of n - 1
 * and more thrown away (FIPS 186-4, appendix B.4.2). Source: AWS, "SigV4 and SigV4A", deriving an asymmetric key.
 */
import { createECDH, createHmac, type JsonWebKey } from "node:crypto";
import type { SecretValue } from "../../secret-value.js";

/** The order of P-256, less two. */
const ORDER_MINUS_TWO = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn;

const LABEL = Buffer.from("\0\0\0\x01AWS4-ECDSA-P256-SHA256\0");
const LENGTH_BITS = Buffer.from([0, 0, 1, 0]);

/** As a JWK: what `createPrivateKey` takes. */
export function ecdsaPrivateKey(keyId: string, secret: SecretValue): JsonWebKey {
  const inputKey = Buffer.concat([Buffer.from("AWS4A"), secret.revealBytes()]);
  for (let counter = 1; counter <= 254; counter++) {
    const context = Buffer.concat([LABEL, Buffer.from(keyId), Buffer.from([counter]), LENGTH_BITS]);
    const candidate = BigInt(`0x${createHmac("sha256", inputKey).update(context).digest("hex")}`);
    if (candidate <= ORDER_MINUS_TWO) return jwkOf(Buffer.from((candidate + 1n).toString(16).padStart(64, "0"), "hex"));
  }
  throw new Error("254 candidates beyond the order of P-256: this happens once in 2 to the 8128 keys");
}

function jwkOf(d: Buffer): JsonWebKey {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((coordinate) => coordinate.toString("base64url"));
  return { kty: "EC", crv: "P-256", d: d.toString("base64url"), x: x!, y: y! };
}
