import { createHmac, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../../lib/errors.js";
import { SecretValue } from "../../../lib/secret-value.js";
import type { SignableMessage } from "../../../lib/signing/message.js";
import type { Rfc9421AlgorithmName } from "../../../lib/signing/rfc9421/algorithm.js";
import { rfc9421Profile } from "../../../lib/signing/rfc9421.js";
import { AT, headerOf, KEY, keyFor, NOW, ORDER, OTHER_KEY, SECRET_TEXT, signedWith, withHeader } from "../messages.js";
import { ASYMMETRIC, hmac, jwk, OPTIONS, PAIRS, pem, verify } from "./profiles.js";

const profile = rfc9421Profile(OPTIONS);

// THREATS 18.
describe("signature tricks:", () => {
  const signed = signedWith(profile);
  const INPUT = headerOf(signed, "signature-input");
  const SIGNATURE = headerOf(signed, "signature");

  /** The request signed by hand over this input, as one who knows the key would. */
  function forged(input: string, change: Partial<SignableMessage> = {}): SignableMessage {
    const message = { ...signed, ...change };
    const value: Record<string, string> = {
      "@method": message.method,
      "@target-uri": `https://${message.authority}${message.target}`,
      "content-type": headerOf(message, "content-type"),
      "content-digest": headerOf(message, "content-digest"),
    };
    const list = input.slice(input.indexOf("(") + 1, input.indexOf(")"));
    const lines = list
      .split(" ")
      .filter(Boolean)
      .map((item) => `${item}: ${value[item.slice(1, item.indexOf('"', 1))]}\n`);
    const base = `${lines.join("")}"@signature-params": ${input.slice(input.indexOf("=") + 1)}`;
    return withHeader(withHeader(message, "signature-input", input), "signature", `sig1=:${hmac(base)}:`);
  }

  it("a signature made by hand like this would pass otherwise", () => {
    expect(verify(forged(INPUT))).toMatchObject({ keyId: KEY.id });
  });

  const FULL = '"@method" "@target-uri" "content-type" "content-digest"';
  const PARAMETERS = ';created=1700000000;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"';

  it.each<[what: string, input: string, part: string]>([
    ["alg none", `sig1=(${FULL})${PARAMETERS};alg="none"`, "alg"],
    ["alg of another profile", `sig1=(${FULL})${PARAMETERS};alg="ed25519"`, "alg"],
    ["alg in capitals", `sig1=(${FULL})${PARAMETERS};alg="HMAC-SHA256"`, "alg"],
    ["alg as a token", `sig1=(${FULL})${PARAMETERS};alg=hmac-sha256`, "alg"],
    ["no created: freshness outside the signed part", `sig1=(${FULL});keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["created as a string", `sig1=(${FULL});created="1700000000";keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["created as a decimal", `sig1=(${FULL});created=1700000000.0;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["created as a date", `sig1=(${FULL});created=@1700000000;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["created below zero", `sig1=(${FULL});created=-1;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["created without a value", `sig1=(${FULL});created;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"`, "created"],
    ["an expiry before created", `sig1=(${FULL})${PARAMETERS};expires=1699999999`, "expires"],
    ["no nonce", `sig1=(${FULL});created=1700000000;keyid="payments-1"`, "nonce"],
    ["a short nonce", `sig1=(${FULL});created=1700000000;keyid="payments-1";nonce="AAAAAAAAAAAAAAA"`, "nonce"],
    ["an empty nonce", `sig1=(${FULL});created=1700000000;keyid="payments-1";nonce=""`, "nonce"],
    ["no key id", `sig1=(${FULL});created=1700000000;nonce="n0-nce_AAAAAAAAA"`, "keyid"],
    ["an unknown parameter", `sig1=(${FULL})${PARAMETERS};admin`, "signature-input"],
    ["a parameter twice, the last as it should be", `sig1=(${FULL});created=1${PARAMETERS}`, "signature-input"],
    ["a component twice", `sig1=(${FULL} "@method")${PARAMETERS}`, "signature-input"],
    ["a component left out that the profile demands", `sig1=("@method" "content-type" "content-digest")${PARAMETERS}`, "signature-input"],
    ["the digest left out of a request with a body", `sig1=("@method" "@target-uri" "content-type")${PARAMETERS}`, "signature-input"],
    [
      "only a part of the digest",
      `sig1=("@method" "@target-uri" "content-type" "content-digest";key="sha-512")${PARAMETERS}`,
      "signature-input",
    ],
    [
      "the request's own component as another request's",
      `sig1=("@method";req "@target-uri" "content-type" "content-digest")${PARAMETERS}`,
      "signature-input",
    ],
    ["an unknown component", `sig1=(${FULL} "@cookies")${PARAMETERS}`, "signature-input"],
    ["an unknown component parameter", `sig1=(${FULL} "accept";lax)${PARAMETERS}`, "signature-input"],
    ["a component parameter twice", `sig1=(${FULL} "priority";key="a";key="a")${PARAMETERS}`, "signature-input"],
    ["a flag with a value", `sig1=(${FULL} "priority";sf=?0)${PARAMETERS}`, "signature-input"],
    ["the signature's own parameters as a component", `sig1=(${FULL} "@signature-params")${PARAMETERS}`, "signature-input"],
    ["a component in capitals", `sig1=("@METHOD" "@target-uri" "content-type" "content-digest")${PARAMETERS}`, "signature-input"],
    ["65 components", `sig1=(${Array.from({ length: 65 }, (_, index) => `"x-${index}"`).join(" ")})${PARAMETERS}`, "signature-input"],
    ["a component that is no string", `sig1=(${FULL} accept)${PARAMETERS}`, "signature-input"],
    ["no inner list", `sig1=${FULL.split(" ")[0]}${PARAMETERS}`, "signature-input"],
    ["two spaces", `sig1=(${FULL.replace(" ", "  ")})${PARAMETERS}`, "signature-input"],
    ["a space before a parameter", `sig1=(${FULL}) ${PARAMETERS}`, "signature-input"],
    ["a leading zero", `sig1=(${FULL})${PARAMETERS.replace("=17", "=017")}`, "signature-input"],
    ["the label twice", `${INPUT}, ${INPUT}`, "signature-input"],
    ["a trailing comma", `${INPUT},`, "signature-input"],
    ["a line break", `${INPUT}\n`, "signature-input"],
    ["nine signatures", Array.from({ length: 9 }, (_, index) => INPUT.replace("sig1", `sig${index + 1}`)).join(", "), "signature-input"],
    ["8 KiB", `sig1=(${FULL})${PARAMETERS.replace("n0-nce", "n".repeat(8192))}`, "signature-input"],
  ])("refuses %s, though it is signed", (_, input, part) => {
    expect(verify(forged(input))).toMatchObject({ denied: "PROOF_MALFORMED", details: { part } });
  });

  it.each([
    ["a digit too few", SIGNATURE.replace(/.=:$/, "=:")],
    ["no padding", SIGNATURE.replace("=:", ":")],
    [
      "loose bits in the last digit",
      SIGNATURE.replace(/(.)=:$/, (_, digit: string) => `${String.fromCharCode(digit.charCodeAt(0) + 1)}=:`),
    ],
    ["the URL alphabet", SIGNATURE.replace(/[+/]/, "-").replace(/^(sig1=:)[A-Za-z0-9]/, "$1_")],
    ["white space in base64", SIGNATURE.replace("sig1=:", "sig1=: ")],
    ["a parameter", `${SIGNATURE};a`],
    ["a string", `sig1="${SIGNATURE.slice(6, -1)}"`],
    ["the label twice", `${SIGNATURE}, ${SIGNATURE}`],
    ["the label twice, in two headers", `${SIGNATURE}\n${SIGNATURE}`],
    ["another label", SIGNATURE.replace("sig1", "sig2")],
    ["nothing", ""],
  ])("refuses a signature with %s", (_, signature) => {
    expect(verify(withHeader(signed, "signature", signature))).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: "signature" } });
  });

  it.each(["signature", "signature-input"])("refuses a message without its %s", (name) => {
    expect(verify(withHeader(signed, name, undefined))).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: name } });
  });

  it.each([1, 31, 33, 64])("refuses a MAC of %d bytes", (length) => {
    const mac = Buffer.concat([Buffer.from(SIGNATURE.slice(6, -1), "base64"), Buffer.alloc(32)]).subarray(0, length);
    expect(verify(withHeader(signed, "signature", `sig1=:${mac.toString("base64")}:`))).toMatchObject({ denied: "SIGNATURE_INVALID" });
  });

  it("does not judge signatures of other labels, however strange", () => {
    const strange = 'other=("@cookies" "@method";x=1.5);a=tok;b=:AAEC:;c=@1;d=?0;e="\\"";created=0';
    const beside = withHeader(signed, "signature-input", `${strange}, ${INPUT}`);
    expect(verify(withHeader(beside, "signature", `${SIGNATURE},other=::`))).toMatchObject({ keyId: KEY.id });
  });

  it("refuses two signatures with one tag", () => {
    const tagged = (label: string) => rfc9421Profile({ ...OPTIONS, label, tag: "orders" });
    const twice = signedWith(tagged("b"), signedWith(tagged("a")));
    const denial = { denied: "PROOF_MALFORMED", details: { part: "signature-input", expected: "one signature with the tag orders" } };
    expect(verify(twice, { tag: "orders" })).toMatchObject(denial);
  });

  it.each([
    ["no digest that is known", "md5=:AAAAAAAAAAAAAAAAAAAAAA==:"],
    ["no dictionary", "sha-256"],
    ["a digest twice", "DIGEST, DIGEST"],
    ["a digest that is no byte sequence", 'sha-256="AAAA"'],
    ["a kilobyte of digests", Array.from({ length: 40 }, (_, index) => `x${index}=:AAAAAAAAAAAAAAAAAAAAAA==:`).join(", ")],
  ])("refuses %s, though it is signed", (_, digest) => {
    const value = digest.replaceAll("DIGEST", headerOf(signed, "content-digest"));
    expect(verify(forged(INPUT, withHeader(signed, "content-digest", value)))).toMatchObject({
      denied: "PROOF_MALFORMED",
      details: { part: "content-digest", expected: "a dictionary of sha-256 or sha-512" },
    });
  });

  it("demands that every digest it knows is the body's", () => {
    const both = `${headerOf(signed, "content-digest")}, sha-512=:${Buffer.alloc(64).toString("base64")}:`;
    expect(verify(forged(INPUT, withHeader(signed, "content-digest", both)))).toMatchObject({
      denied: "SIGNATURE_INVALID",
      details: { part: "content-digest", expected: "the sha-512 of the body" },
    });
    const known = `${headerOf(signed, "content-digest")}, md5=:AAAAAAAAAAAAAAAAAAAAAA==:`;
    expect(verify(forged(INPUT, withHeader(signed, "content-digest", known)))).toMatchObject({ keyId: KEY.id });
  });

  it("refuses an unknown key id, and does as much for it as for a known one", () => {
    for (const now of [NOW, NOW + 300_001]) {
      const reads = [KEY.id, "payments-3"].map((id) => {
        let count = 0;
        const counting = { ...signedWith(profile, ORDER, { id, secret: OTHER_KEY.secret }) };
        const watched = {
          ...counting,
          get target() {
            count++;
            return ORDER.target;
          },
        };
        expect(verify(watched, {}, now)).toMatchObject(
          id === KEY.id
            ? { denied: now === NOW ? "SIGNATURE_INVALID" : "TIMESTAMP_OUTSIDE_WINDOW" }
            : { denied: "CALLER_UNKNOWN", details: { part: "keyid", keyId: "payments-3" } },
        );
        return count;
      });
      expect(reads[0]).toBe(reads[1]);
      expect(reads[0]! > 0).toBe(now === NOW);
    }
  });

  it.each(ASYMMETRIC)("refuses an unknown key id with %s", (algorithm) => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm });
    const foreign = signedWith(asymmetric, ORDER, { id: "nobody", secret: pem(PAIRS[algorithm].privateKey, "pkcs8") });
    expect(asymmetric.verify(foreign, () => undefined, NOW)).toMatchObject({ denied: "CALLER_UNKNOWN", details: { keyId: "nobody" } });
  });

  it("refuses an empty secret, also when the signature was made with it", () => {
    const { body: _, ...rest } = signed;
    const base = `"@method": POST\n"@target-uri": https://api.partner.example${rest.target}\n"content-type": application/json\n"content-digest": ${headerOf(signed, "content-digest")}\n"@signature-params": ${INPUT.slice(5)}`;
    const empty = withHeader(signed, "signature", `sig1=:${createHmac("sha256", "").update(base).digest("base64")}:`);
    expect(profile.verify(empty, () => new SecretValue(""), NOW)).toMatchObject({ denied: "SECRET_TOO_SHORT", details: { keyId: KEY.id } });
  });

  it("refuses a public key as the secret of an HMAC: algorithm confusion", () => {
    for (const secret of [
      pem(PAIRS["rsa-pss-sha512"].publicKey, "spki"),
      jwk(PAIRS["rsa-pss-sha512"].publicKey),
      new SecretValue(`\n${pem(PAIRS["rsa-pss-sha512"].publicKey, "spki").revealText()}`),
    ]) {
      const text = secret.revealText();
      const base = `"@method": POST\n"@target-uri": https://api.partner.example${signed.target}\n"content-type": application/json\n"content-digest": ${headerOf(signed, "content-digest")}\n"@signature-params": ${INPUT.slice(5)}`;
      const confused = withHeader(signed, "signature", `sig1=:${createHmac("sha256", text).update(base).digest("base64")}:`);
      const denial = { denied: "SECRET_UNUSABLE", details: { expected: "a raw HMAC secret, not PEM or JWK", keyId: KEY.id } };
      expect(profile.verify(confused, () => secret, NOW)).toEqual(denial);
      expect(() => profile.sign(ORDER, { id: "a", secret }, AT)).toThrow(expect.objectContaining({ code: "SECRET_UNUSABLE" }));
    }
  });

  const SMALL_RSA = generateKeyPairSync("rsa", { modulusLength: 1024 });
  it.each<[what: string, algorithm: Rfc9421AlgorithmName, secret: SecretValue]>([
    ["an RSA key for Ed25519", "ed25519", pem(PAIRS["rsa-pss-sha512"].privateKey, "pkcs8")],
    ["a P-256 key for P-384", "ecdsa-p384-sha384", pem(PAIRS["ecdsa-p256-sha256"].privateKey, "pkcs8")],
    ["a P-384 key for P-256", "ecdsa-p256-sha256", jwk(PAIRS["ecdsa-p384-sha384"].privateKey)],
    ["an Ed25519 key for RSA", "rsa-pss-sha512", pem(PAIRS.ed25519.privateKey, "pkcs8")],
    ["an RSA key of 1024 bits", "rsa-v1_5-sha256", pem(SMALL_RSA.privateKey, "pkcs8")],
    ["an RSA-PSS key for PKCS #1", "rsa-v1_5-sha256", pem(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey, "pkcs8")],
    ["a raw secret for Ed25519", "ed25519", new SecretValue(SECRET_TEXT)],
    ["broken PEM", "ed25519", new SecretValue("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")],
    ["broken JSON", "ed25519", new SecretValue('{"kty":')],
  ])("refuses %s", (_, algorithm, secret) => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm });
    const unusable = { code: "SECRET_UNUSABLE", details: { keyId: "a", expected: expect.stringContaining("as PEM or JWK") } };
    expect(() => asymmetric.sign(ORDER, { id: "a", secret }, AT)).toThrow(expect.objectContaining(unusable));
    expect(asymmetric.verify(signed, () => secret, NOW)).toMatchObject({ denied: "SECRET_UNUSABLE", details: { keyId: KEY.id } });
  });

  it("refuses to sign with a public key", () => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm: "ed25519" });
    const sign = () => asymmetric.sign(ORDER, { id: "a", secret: pem(PAIRS.ed25519.publicKey, "spki") }, AT);
    expect(sign).toThrow(expect.objectContaining({ code: "SECRET_UNUSABLE" }));
  });

  it.each(ASYMMETRIC)("refuses a signature of %s that is a byte longer or shorter", (algorithm) => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm });
    const { privateKey, publicKey } = PAIRS[algorithm];
    const whole = signedWith(asymmetric, ORDER, { id: "a", secret: pem(privateKey, "pkcs8") });
    const bytes = Buffer.from(headerOf(whole, "signature").slice(6, -1), "base64");
    for (const wrong of [
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.concat([Buffer.alloc(1), bytes]),
      Buffer.concat([bytes, Buffer.alloc(1)]),
    ]) {
      const changed = withHeader(whole, "signature", `sig1=:${wrong.toString("base64")}:`);
      expect(asymmetric.verify(changed, () => pem(publicKey, "spki"), NOW)).toMatchObject({ denied: "SIGNATURE_INVALID" });
    }
  });

  it("refuses an ECDSA signature in DER", () => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm: "ecdsa-p256-sha256" });
    const { privateKey, publicKey } = PAIRS["ecdsa-p256-sha256"];
    const whole = signedWith(asymmetric, ORDER, { id: "a", secret: pem(privateKey, "pkcs8") });
    const raw = Buffer.from(headerOf(whole, "signature").slice(6, -1), "base64");
    const integer = (part: Buffer) => Buffer.concat([Buffer.from([2, part.length + (part[0]! >> 7)]), Buffer.alloc(part[0]! >> 7), part]);
    const sequence = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
    const der = Buffer.concat([Buffer.from([0x30, sequence.length]), sequence]).toString("base64");
    expect(asymmetric.verify(withHeader(whole, "signature", `sig1=:${der}:`), () => pem(publicKey, "spki"), NOW)).toMatchObject({
      denied: "SIGNATURE_INVALID",
    });
  });

  it("gives both valid forms of an ECDSA signature one claim", () => {
    const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm: "ecdsa-p256-sha256" });
    const { privateKey, publicKey } = PAIRS["ecdsa-p256-sha256"];
    const whole = signedWith(asymmetric, ORDER, { id: "a", secret: pem(privateKey, "pkcs8") });
    const raw = Buffer.from(headerOf(whole, "signature").slice(6, -1), "base64");
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const other = (order - BigInt(`0x${raw.subarray(32).toString("hex")}`)).toString(16).padStart(64, "0");
    const twin = Buffer.concat([raw.subarray(0, 32), Buffer.from(other, "hex")]).toString("base64");
    const claims = [whole, withHeader(whole, "signature", `sig1=:${twin}:`)].map((message) => {
      const verified = asymmetric.verify(message, () => pem(publicKey, "spki"), NOW);
      return isDenial(verified) ? verified.denied : verified.claim;
    });
    expect(claims[0]).toMatch(/^1700000000:partner:a:[0-9a-f]{64}$/);
    expect(claims[1]).toBe(claims[0]);
  });

  it("does not take another profile's signature where the tag tells them apart", () => {
    const tagged = rfc9421Profile({ ...OPTIONS, tag: "refunds" });
    expect(tagged.verify(signedWith(rfc9421Profile({ ...OPTIONS, tag: "orders" })), keyFor, NOW)).toMatchObject({
      denied: "PROOF_MISSING",
    });
  });

  it("never throws, and never shows a secret, whatever the fields hold", () => {
    const noise = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc
        .array(fc.constantFrom("sig1=", "(", ")", '"@method"', '"', "\\", ";", "created", "=", "1700000000", ":", "AAAA", ",", " ", "\n"), {
          maxLength: 30,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(noise, noise, noise, (input, signature, digest) => {
        const changed = withHeader(
          withHeader(withHeader(signed, "signature-input", input), "signature", signature),
          "content-digest",
          digest,
        );
        const denial = verify(changed);
        expect(isDenial(denial)).toBe(true);
        expect(JSON.stringify(denial)).not.toContain(SECRET_TEXT);
      }),
      { numRuns: 2000 },
    );
  });
});
