/**
 * Public keys whose private halves were thrown away. An unknown key id is verified with one of them, for the time that it
 * takes, so that time tells nobody which ids exist; the result counts for nothing.
 */
import { SecretValue } from "../../secret-value.js";

const jwk = (fields: Readonly<Record<string, string>>): SecretValue => new SecretValue(JSON.stringify(fields));

const RSA = jwk({
  kty: "RSA",
  n: "j6ikX6uf4mg4se4xJa_XuCWHSK6vzHDPItRJUFKnHZMet2it4cR_JpgGFn5Ou5jlkYB2oLDJkmwAE4Lf6vfbGtcoE-jWy6w0IY1ACi09MqCZnkbAYaGCkzyzu_I-vwX4SmSEET_vuH4fbnaZvV5hRNv_ChmX4sGVCc4oHV8XNs9ktsO8qsiWkoD5XQC6pHiljp24ID3uOZ4_dtoJbky8JbbRt8WCepGmzvm8dwpGoDEkI_5k45fTCM_VMWV6pC8tkNGG4GhxCzdc0KJNExAu8GcZBgdmibGdK0Ak_uDqXNexg-PTxKu7sgT3JgsEMfeKf7pTkxELkiO1cTFKs1MRBQ",
  e: "AQAB",
});

export const STAND_INS = {
  "hmac-sha256": new SecretValue("computed with for the time it takes, never accepted"),
  ed25519: jwk({ kty: "OKP", crv: "Ed25519", x: "7UIgWXFFR1X7yQwWU92nv4oQsURC4QZ_y_iC78WUsLc" }),
  "ecdsa-p256-sha256": jwk({
    kty: "EC",
    crv: "P-256",
    x: "-B_2Z_xID41pycxTElss2tb6OxIZzbIxtZjjxCvPbdQ",
    y: "SWwYdBQIphtXf3RER0znG2ThUMZ_gIZP02jDrLT8FmQ",
  }),
  "ecdsa-p384-sha384": jwk({
    kty: "EC",
    crv: "P-384",
    x: "Fw83C5DcrXKAiU51EZe7rhijLE5b0JvyEFV61cF1HS6aN7ofLwZm6Q_W9Rd6cI8w",
    y: "lSsdTmpMhy3A8Ar8u_TAy6_yusevG4KKTNFVBBLxfKLt_pFhqbNbRhoeoIDftEv6",
  }),
  "rsa-pss-sha512": RSA,
  "rsa-v1_5-sha256": RSA,
} as const;
