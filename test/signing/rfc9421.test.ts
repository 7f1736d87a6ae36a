import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { type Header, headerReader, type SignableMessage } from "../../lib/signing/message.js";
import type { SigningKey } from "../../lib/signing/profile.js";
import type { SignableResponse } from "../../lib/signing/rfc9421/message.js";
import { type Rfc9421Options, rfc9421Weaknesses } from "../../lib/signing/rfc9421/options.js";
import { rfc9421Profile, rfc9421ResponseProfile } from "../../lib/signing/rfc9421.js";
import { AT, anyFreshness, carrying, headerOf, KEY, keyFor, NOW, ORDER, OTHER_KEY, signedWith, withHeader } from "./messages.js";
import { ASYMMETRIC, hmac, jwk, OPTIONS, PAIRS, pem, verify } from "./rfc9421/profiles.js";

const profile = rfc9421Profile(OPTIONS);

describe("rfc9421Profile", () => {
  it.each<[what: string, options: Partial<Rfc9421Options>, message: string]>([
    ["the algorithm none", { algorithm: "none" as never }, "algorithm: expected one of hmac-sha256, ed25519, ecdsa-p256-sha256"],
    ["an algorithm that Object.prototype has", { algorithm: "toString" as never }, "algorithm: expected one of"],
    ["a name with a colon", { name: "a:b" }, "name: expected 1 to 128 characters"],
    ["a label in capitals", { label: "Sig1" }, "label: expected a lower-case key"],
    ["a tag with a line break", { tag: "a\nb" }, "tag: expected 1 to 256 printable ASCII characters"],
    ["an empty key id", { keyId: "" }, "keyId: expected 1 to 256 printable ASCII characters"],
    ["a window of 0 s", { windowSeconds: 0 }, "windowSeconds: expected a whole number from 1 to 86400"],
    ["an endless window", { windowSeconds: Infinity }, "windowSeconds: expected a whole number"],
    ["an expiry of half a second", { expiresSeconds: 0.5 }, "expiresSeconds: expected a whole number"],
    ["another scheme", { scheme: "ftp" as never }, "scheme: expected https or http"],
    ["MD5", { digest: "md5" as never }, "digest: expected sha-256 or sha-512"],
    ["an unknown derived component", { components: ["@cookies"] }, 'components: expected known components, not "@cookies"'],
    ["a capital field name", { components: ["Content-Type"] }, "components: expected known components"],
    ["@signature-params as a component", { components: ["@signature-params"] }, "components: expected known components"],
    ["a component twice", { components: ["@method", "@method"] }, "components: expected each component once"],
    [
      "a component twice in another order of parameters",
      {
        components: [
          ["priority", { key: "u", req: true }],
          ["priority", { req: true, key: "u" }],
        ],
      },
      "components: expected each component once",
    ],
    ["@query-param without a name", { components: ["@query-param"] }, "components: expected known components"],
    ["bs and sf together", { components: [["priority", { bs: true, sf: true }]] }, "components: expected known components"],
    [
      "sf for a field of unknown type",
      { components: [["x-list", { sf: true }]] },
      'fieldTypes: expected the type of x-list, for "x-list";sf',
    ],
    ["key for a list", { components: [["cache-status", { key: "a" }]] }, "fieldTypes: expected dictionary for cache-status"],
    ["a method left out", { components: ["@target-uri"] }, "weak: expected true, for the profile is weak: the method is not covered"],
    ["a query left out", { components: ["@method", "@authority", "@path"] }, "the target is not covered"],
    ["an authority left out", { components: ["@method", "@request-target"] }, "the authority is not covered"],
    ["nothing covered", { components: [] }, "the method is not covered, the authority is not covered, the target is not covered"],
    ["a body left out", { coverBody: false }, "the body is not covered"],
    ["a weak one that is not", { weak: true }, "weak: expected nothing, for the profile is not weak"],
  ])("refuses %s", (_, options, message) => {
    expect(() => rfc9421Profile({ ...OPTIONS, ...options })).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining(message) }),
    );
  });

  it("says why a profile is weak", () => {
    expect(rfc9421Weaknesses(OPTIONS)).toEqual([]);
    expect(rfc9421Weaknesses({ ...OPTIONS, components: [["@method", { req: true }]], coverBody: false }, "response")).toEqual([
      "the status is not covered",
      "the body is not covered",
    ]);
    expect(rfc9421Weaknesses({ ...OPTIONS, components: ["@status"] }, "response")).toEqual(["the request is not covered"]);
  });
});

describe("sign", () => {
  // Digest and signature computed with Python's hashlib and hmac modules.
  it("adds digest, input and signature", () => {
    expect(profile.sign(ORDER, KEY, AT)).toEqual([
      ["Content-Digest", "sha-256=:8etoBI2LjMM4vN5UxN38Nul3fq8K4T4I6UPCgd67X8o=:"],
      [
        "Signature-Input",
        'sig1=("@method" "@target-uri" "content-type" "content-digest");created=1700000000;keyid="payments-1";nonce="n0-nce_AAAAAAAAA"',
      ],
      ["Signature", "sig1=:SoDW/1cDPpqidhHE6cdmfIgSCZmSGwiRllG75odQSQA=:"],
    ]);
  });

  it("adds no digest without a body", () => {
    const bodiless = { ...ORDER, method: "GET", body: new Uint8Array() };
    expect(profile.sign(bodiless, KEY, AT).map(([name]) => name)).toEqual(["Signature-Input", "Signature"]);
    expect(verify(signedWith(profile, bodiless))).toMatchObject({ keyId: KEY.id });
  });

  it("writes tag, expiry and algorithm where the profile says so", () => {
    const options = { tag: "orders", expiresSeconds: 60, writeAlgorithm: true, requireNonce: false, label: "own" } as const;
    expect(new Map(rfc9421Profile({ ...OPTIONS, ...options }).sign(ORDER, KEY, AT)).get("Signature-Input")).toBe(
      'own=("@method" "@target-uri" "content-type" "content-digest");created=1700000000;keyid="payments-1";alg="hmac-sha256";expires=1700000060;tag="orders"',
    );
  });

  it("escapes a key id", () => {
    const key = { ...KEY, id: 'a"b\\c' };
    const signed = signedWith(profile, ORDER, key);
    expect(headerOf(signed, "signature-input")).toContain('keyid="a\\"b\\\\c"');
    expect(profile.verify(signed, (id) => (id === key.id ? key.secret : undefined), NOW)).toMatchObject({ keyId: 'a"b\\c' });
  });

  it("keeps a digest that is right, and refuses one that is wrong", () => {
    const [digest] = profile.sign(ORDER, KEY, AT);
    const message = carrying(ORDER, [digest!]);
    expect(profile.sign(message, KEY, AT).map(([name]) => name)).toEqual(["Signature-Input", "Signature"]);
    expect(() => profile.sign({ ...message, body: Buffer.from("other") }, KEY, AT)).toThrow(
      "INPUT_INVALID: content-digest: expected the sha-256 of the body",
    );
  });

  it("takes a precomputed SHA-256 for the body, where the digest is one", () => {
    const sha256Hex = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest("hex");
    expect(profile.sign({ ...ORDER, body: { sha256Hex } }, KEY, AT)).toEqual(profile.sign(ORDER, KEY, AT));
    const sha512 = rfc9421Profile({ ...OPTIONS, digest: "sha-512" });
    expect(() => sha512.sign({ ...ORDER, body: { sha256Hex } }, KEY, AT)).toThrow("INPUT_INVALID: body: expected its bytes, for sha-512");
    const signed = signedWith(sha512);
    expect(verify({ ...signed, body: { sha256Hex } })).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: "content-digest" } });
    expect(verify({ ...signedWith(profile), body: { sha256Hex } })).toMatchObject({ keyId: KEY.id });
  });

  it.each<[what: string, change: Partial<SignableMessage>, at: Partial<typeof AT>, key: Partial<SigningKey>, problem: string]>([
    ["a message without a field that is covered", { headers: [] }, {}, {}, '"content-type": expected a message that has it'],
    ["a field with a line break", { headers: [["Content-Type", "a\nb"]] }, {}, {}, '"content-type": expected'],
    ["a field outside ASCII", { headers: [["Content-Type", "\xe4"]] }, {}, {}, '"content-type": expected'],
    ["a target in absolute form", { target: "https://a.example/" }, {}, {}, '"@target-uri": expected'],
    ["a method with a space", { method: "GET /" }, {}, {}, '"@method": expected'],
    ["a short nonce", {}, { nonce: "A".repeat(15) }, {}, "nonce: expected 16 to 256 printable ASCII characters"],
    ["a nonce with an umlaut", {}, { nonce: `${"A".repeat(15)}\xe4` }, {}, "nonce: expected 16 to 256"],
    ["a fraction of a second", {}, { timestampSeconds: 1_700_000_000.5 }, {}, "timestampSeconds: expected whole Unix seconds"],
    ["milliseconds", {}, { timestampSeconds: NOW }, {}, "timestampSeconds: expected whole Unix seconds"],
    ["an empty key id", {}, {}, { id: "" }, "keyid: expected 1 to 256 printable ASCII characters"],
    [
      "a message that has its label",
      { headers: signedWith(profile).headers },
      {},
      {},
      "signature-input: expected well-formed fields without sig1",
    ],
    [
      "a message with broken signatures",
      { headers: [...ORDER.headers, ["Signature", "?"]] },
      {},
      {},
      "signature-input: expected well-formed fields",
    ],
  ])("refuses %s", (_, change, at, key, problem) => {
    expect(() => profile.sign({ ...ORDER, ...change }, { ...KEY, ...key }, { ...AT, ...at })).toThrow(`INPUT_INVALID: ${problem}`);
  });

  it("throws SECRET_TOO_SHORT for an empty secret", () => {
    expect(() => profile.sign(ORDER, { ...KEY, secret: new SecretValue("") }, AT)).toThrow(
      expect.objectContaining({ code: "SECRET_TOO_SHORT" }),
    );
  });
});

describe("verify", () => {
  it("inverts sign, with every algorithm, with PEM and JWK, by the public or the private half", () => {
    for (const algorithm of ASYMMETRIC) {
      const asymmetric = rfc9421Profile({ ...OPTIONS, algorithm });
      const { privateKey, publicKey } = PAIRS[algorithm];
      for (const secret of [pem(privateKey, "pkcs8"), jwk(privateKey)]) {
        const signed = signedWith(asymmetric, ORDER, { id: "key-1", secret });
        for (const known of [pem(publicKey, "spki"), jwk(publicKey), secret]) {
          expect(asymmetric.verify(signed, () => known, NOW)).toMatchObject({ keyId: "key-1", expiresAtMs: NOW + 300_000 });
        }
      }
    }
  });

  it("inverts sign for any body, time and window", () => {
    const body = fc.uint8Array({ maxLength: 300 });
    const windowSeconds = fc.integer({ min: 1, max: 86_400 });
    fc.assert(
      fc.property(
        body,
        anyFreshness,
        windowSeconds,
        fc.constantFrom("sha-256" as const, "sha-512" as const),
        (bytes, at, window, digest) => {
          const own = rfc9421Profile({ ...OPTIONS, windowSeconds: window, digest });
          const signed = signedWith(own, { ...ORDER, body: bytes }, KEY, at);
          expect(own.verify(signed, keyFor, at.timestampSeconds * 1000)).toEqual({
            keyId: KEY.id,
            claim: expect.stringMatching(/^\d{10,11}:partner:payments-1:[0-9a-f]{64}$/),
            timestampSeconds: at.timestampSeconds,
            expiresAtMs: (at.timestampSeconds + window) * 1000,
          });
        },
      ),
    );
  });

  const invalid = { denied: "SIGNATURE_INVALID", details: { part: "signature" } };

  describe("refuses a changed request:", () => {
    it.each<[what: string, change: (signed: SignableMessage) => SignableMessage, denial: object]>([
      ["method", (signed) => ({ ...signed, method: "PUT" }), invalid],
      ["case of the method", (signed) => ({ ...signed, method: "post" }), invalid],
      ["target", (signed) => ({ ...signed, target: "/v2/orders?page=3&q=a%2Fb" }), invalid],
      ["spelling of the target", (signed) => ({ ...signed, target: "/v2/orders?page=2&q=a%2fb" }), invalid],
      ["authority", (signed) => ({ ...signed, authority: "api.attacker.example" }), invalid],
      ["port", (signed) => ({ ...signed, authority: "api.partner.example:8443" }), invalid],
      ["content type", (signed) => withHeader(signed, "content-type", "text/plain"), invalid],
      ["a second content type", (signed) => carrying(signed, [["Content-Type", "application/json"]]), invalid],
      ["digest", (signed) => withHeader(signed, "content-digest", `sha-256=:${Buffer.alloc(32).toString("base64")}:`), invalid],
      [
        "body",
        (signed) => ({ ...signed, body: Buffer.from("other") }),
        { denied: "SIGNATURE_INVALID", details: { part: "content-digest" } },
      ],
      [
        "body, emptied",
        (signed) => ({ ...signed, body: new Uint8Array() }),
        { denied: "SIGNATURE_INVALID", details: { part: "content-digest" } },
      ],
    ])("%s", (_, change, denial) => {
      expect(verify(change(signedWith(profile)))).toMatchObject(denial);
    });

    it("scheme", () => {
      expect(verify(signedWith(profile), { scheme: "http" })).toMatchObject(invalid);
    });

    it("any one bit of the signature", () => {
      const signed = signedWith(profile);
      const mac = Buffer.from(headerOf(signed, "signature").slice(6, -1), "base64");
      for (let bit = 0; bit < 256; bit++) {
        const flipped = Buffer.from(mac);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(withHeader(signed, "signature", `sig1=:${flipped.toString("base64")}:`))).toMatchObject(invalid);
      }
    });
  });

  it("takes a normalised authority: lower case, no default port", () => {
    expect(verify({ ...signedWith(profile), authority: "API.partner.example:443" })).toMatchObject({ keyId: KEY.id });
    expect(verify({ ...signedWith(profile), authority: "api.partner.example:80" })).toMatchObject(invalid);
  });

  it("accepts a signature that covers more than the profile demands, in any order", () => {
    const wide = rfc9421Profile({
      ...OPTIONS,
      components: ["accept", "content-digest", "content-type", "@target-uri", "@method", "@path"],
    });
    expect(verify(signedWith(wide))).toMatchObject({ keyId: KEY.id });
  });

  it("says PROOF_MISSING where there is no signature, or none with the label or the tag", () => {
    const signed = signedWith(profile);
    expect(verify(ORDER)).toEqual({ denied: "PROOF_MISSING", details: { expected: ["signature-input", "signature"] } });
    expect(verify(signed, { label: "sig2" })).toMatchObject({
      denied: "PROOF_MISSING",
      details: { expected: "a signature with the label sig2" },
    });
    expect(verify(signed, { tag: "orders" })).toMatchObject({
      denied: "PROOF_MISSING",
      details: { expected: "a signature with the tag orders" },
    });
  });

  it("takes its own of several signatures, by label or by tag", () => {
    const second = rfc9421Profile({ ...OPTIONS, name: "second", label: "sig2", tag: "orders" });
    const signed = signedWith(second, signedWith(profile), OTHER_KEY);
    expect(verify(signed)).toMatchObject({ keyId: KEY.id });
    expect(second.verify(signed, keyFor, NOW)).toMatchObject({ keyId: OTHER_KEY.id });
    expect(verify(signed, { label: "whatever", tag: "orders" })).toMatchObject({ keyId: OTHER_KEY.id });
    const readFields = headerReader(["signature-input", "signature"]);
    const [input, signature] = readFields(signed.headers).map((field) => field!.replace("\n", ",\t "));
    const joined: Header[] = [...ORDER.headers, signed.headers.find(([name]) => name === "Content-Digest")!];
    const oneLine = { ...signed, headers: [...joined, ["signature-input", input!], ["signature", signature!]] as const };
    expect(second.verify(oneLine, keyFor, NOW)).toMatchObject({ keyId: OTHER_KEY.id });
  });

  it("covers another signature, so that it cannot be swapped", () => {
    const over = rfc9421Profile({ ...OPTIONS, label: "proxy", components: [...OPTIONS.components, ["signature", { key: "sig1" }]] });
    const signed = signedWith(over, signedWith(profile), OTHER_KEY);
    expect(over.verify(signed, keyFor, NOW)).toMatchObject({ keyId: OTHER_KEY.id });
    const swapped = {
      ...signed,
      headers: signed.headers.map(([name, value]): Header => [name, value.replace(/^sig1=:..../, "sig1=:AAAA")]),
    };
    expect(over.verify(swapped, keyFor, NOW)).toMatchObject(invalid);
  });

  describe("keeps the window", () => {
    it.each([
      ["at its end", NOW + 300_000, true],
      ["a millisecond behind it", NOW + 300_001, false],
      ["at its beginning", NOW - 300_000, true],
      ["a millisecond before it", NOW - 300_001, false],
      ["with a clock that is not a number", Number.NaN, false],
    ])("%s", (_, now, passes) => {
      const outcome = passes
        ? { keyId: KEY.id }
        : { denied: "TIMESTAMP_OUTSIDE_WINDOW", details: { keyId: KEY.id, timestampSeconds: AT.timestampSeconds } };
      expect(verify(signedWith(profile), {}, now)).toMatchObject(outcome);
    });

    it("and an earlier expiry, which is the claim's", () => {
      const expiring = rfc9421Profile({ ...OPTIONS, expiresSeconds: 60 });
      const signed = signedWith(expiring);
      expect(verify(signed, {}, NOW + 60_000)).toMatchObject({ expiresAtMs: NOW + 60_000 });
      expect(verify(signed, {}, NOW + 60_001)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
      expect(signedWith(rfc9421Profile({ ...OPTIONS, expiresSeconds: 900 }))).toSatisfy(
        (late: SignableMessage) => !isDenial(verify(late)) && isDenial(verify(late, {}, NOW + 300_001)),
      );
    });
  });

  it("gives the key id of the profile to keyFor where a signature names none", () => {
    const input = '("@method" "@target-uri");created=1700000000';
    const message = { ...ORDER, method: "GET", body: new Uint8Array() };
    const base = `"@method": GET\n"@target-uri": https://api.partner.example${ORDER.target}\n"@signature-params": ${input}`;
    const signature = hmac(base);
    const signed = carrying(message, [
      ["Signature-Input", `sig1=${input}`],
      ["Signature", `sig1=:${signature}:`],
    ]);
    const options = { components: ["@method", "@target-uri"], requireNonce: false };
    expect(verify(signed, { ...options, keyId: KEY.id })).toMatchObject({ keyId: KEY.id });
    expect(verify(signed, options)).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: "keyid", expected: "the id of a key" } });
  });
});

describe("rfc9421ResponseProfile", () => {
  const RESPONSE: SignableResponse = {
    status: 201,
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from('{"id":1}'),
    request: ORDER,
  };
  const answers = rfc9421ResponseProfile({
    name: "answers",
    algorithm: "ed25519",
    components: ["@status", ["@method", { req: true }], ["@target-uri", { req: true }], ["content-type", { req: true }]],
  });
  const { privateKey, publicKey } = PAIRS.ed25519;
  const proof = answers.sign(RESPONSE, { id: "partner-1", secret: pem(privateKey, "pkcs8") }, AT);
  const signed = { ...RESPONSE, headers: [...RESPONSE.headers, ...proof] };
  const check = (response: SignableResponse) => answers.verify(response, () => pem(publicKey, "spki"), NOW);

  it("binds an answer to its request", () => {
    expect(check(signed)).toMatchObject({ keyId: "partner-1" });
    expect(check({ ...signed, request: { ...ORDER, target: "/v2/orders?page=3" } })).toMatchObject({ denied: "SIGNATURE_INVALID" });
    expect(check({ ...signed, request: withHeader(ORDER, "content-type", "text/plain") })).toMatchObject({ denied: "SIGNATURE_INVALID" });
  });

  it("refuses another status or body, and an answer without its request", () => {
    expect(check({ ...signed, status: 200 })).toMatchObject({ denied: "SIGNATURE_INVALID", details: { part: "signature" } });
    expect(check({ ...signed, body: Buffer.from('{"id":2}') })).toMatchObject({
      denied: "SIGNATURE_INVALID",
      details: { part: "content-digest" },
    });
    const { request: _, ...unbound } = signed;
    expect(check(unbound)).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: '"@method";req' } });
  });

  it("covers trailers", () => {
    const trailing = rfc9421ResponseProfile({
      name: "trailing",
      algorithm: "hmac-sha256",
      components: ["@status", ["@method", { req: true }], ["x-checksum", { tr: true }]],
    });
    const response: SignableResponse = { ...RESPONSE, trailers: [["X-Checksum", "abc"]] };
    const complete = { ...response, headers: [...response.headers, ...trailing.sign(response, KEY, AT)] };
    expect(trailing.verify(complete, keyFor, NOW)).toMatchObject({ keyId: KEY.id });
    expect(trailing.verify({ ...complete, trailers: [["X-Checksum", "abd"]] }, keyFor, NOW)).toMatchObject({ denied: "SIGNATURE_INVALID" });
    const asHeader = { ...complete, headers: [...complete.headers, ["X-Checksum", "abc"] as const], trailers: [] };
    expect(trailing.verify(asHeader, keyFor, NOW)).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: '"x-checksum";tr' } });
  });
});
