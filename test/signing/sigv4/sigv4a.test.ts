import { createPrivateKey, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../../lib/errors.js";
import { SecretValue } from "../../../lib/secret-value.js";
import type { SignableMessage } from "../../../lib/signing/message.js";
import { ecdsaAlgorithm } from "../../../lib/signing/sigv4/algorithm.js";
import { ecdsaPrivateKey } from "../../../lib/signing/sigv4/ecdsa-key.js";
import { compileRules } from "../../../lib/signing/sigv4/rules.js";
import { signed } from "../../../lib/signing/sigv4/sign.js";
import { sigv4Profile } from "../../../lib/signing/sigv4/sigv4.js";
import { type Sigv4aOptions, sigv4aProfile } from "../../../lib/signing/sigv4/sigv4a.js";
import { carrying, headerOf, withHeader } from "../messages.js";
import { AT, KEY, keyFor, NOW, ORDER, OTHER_KEY, SCOPE, signedWith } from "./requests.js";

const hex = (base64url: string | undefined) => Buffer.from(base64url ?? "", "base64url").toString("hex");

describe("ecdsaPrivateKey", () => {
  // https://github.com/awslabs/aws-c-auth, tests/key_derivation_tests.c and tests/aws-signing-test-suite/v4a
  it("derives the key of AWS's own test", () => {
    const { d, x, y } = ecdsaPrivateKey("AKISORANDOMAASORANDOM", new SecretValue("q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom"));
    expect([hex(d), hex(x), hex(y)]).toEqual([
      "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd",
      "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb",
      "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0",
    ]);
  });

  it("derives the key of AWS's test suite", () => {
    const { x, y } = ecdsaPrivateKey("AKIDEXAMPLE", new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    expect([hex(x), hex(y)]).toEqual([
      "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1",
      "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518",
    ]);
  });

  it("is another for another key id, though the secret be the same", () => {
    expect(ecdsaPrivateKey("a", KEY.secret).d).not.toBe(ecdsaPrivateKey("b", KEY.secret).d);
  });
});

describe("AWS's SigV4A examples", () => {
  const message: SignableMessage = { method: "GET", authority: "example.amazonaws.com", target: "/", headers: [], body: new Uint8Array() };
  const key = { id: "AKIDEXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
  const timestampSeconds = Date.parse("2015-08-30T12:36:00Z") / 1000;
  const made = (change: Partial<SignableMessage>, form: "header" | "query") => {
    const rules = compileRules(ecdsaAlgorithm("us-east-1", "service"), "sigv4a", { service: "service", form, windowSeconds: 3600 });
    return signed(rules, { ...message, ...change }, key, timestampSeconds);
  };

  it("get-vanilla has its string to sign", () => {
    const { canonicalRequest, stringToSign } = made({}, "header");
    expect(canonicalRequest).toBe(
      "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\nx-amz-region-set:us-east-1\n\nhost;x-amz-date;x-amz-region-set\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(stringToSign).toMatch(
      /^AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830\/service\/aws4_request\ncf59db423e841c8b7e3444158185aa261b72/,
    );
  });

  it("get-header-key-duplicate has its canonical request, presigned", () => {
    const headers = ["value2", "value2", "value1"].map((value) => ["My-Header1", value] as const);
    expect(made({ headers }, "query").canonicalRequest).toBe(
      "GET\n/\nX-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-Region-Set=us-east-1&X-Amz-SignedHeaders=host%3Bmy-header1\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\n\nhost;my-header1\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });
});

const REGIONS = { service: "execute-api", regionSet: "eu-west-1,us-*" };
const header = sigv4aProfile(REGIONS);
const query = sigv4aProfile({ ...REGIONS, form: "query" });
const FORMS = [
  ["header", header],
  ["query", query],
] as const;
const verify = (message: SignableMessage, profile = header, now = NOW) => profile.verify(message, keyFor, now);
const invalid = { denied: "SIGNATURE_INVALID", details: { part: "signature" } };
const malformed = (part: string) => ({ denied: "PROOF_MALFORMED", details: { part } });

describe("sigv4aProfile", () => {
  it.each<[what: string, options: object, message: string]>([
    ["no region", { regionSet: "" }, "regionSet: expected * or regions joined by commas"],
    ["a space between regions", { regionSet: "a, b" }, "regionSet: expected * or regions joined by commas"],
    ["a slash in the service", { service: "a/b" }, "service: expected 1 to 64 characters"],
    ["chunks", { payload: "chunked" }, "payload: expected chunks with sigv4 in the header form only"],
  ])("refuses %s", (_, options, message) => {
    expect(() => sigv4aProfile({ ...REGIONS, ...options } as Sigv4aOptions)).toThrow(`INPUT_INVALID: ${message}`);
  });

  it("names its regions in a covered header instead of the scope", () => {
    expect(header.sign(ORDER, KEY, AT)).toEqual([
      ["X-Amz-Date", "20231114T221320Z"],
      ["X-Amz-Region-Set", "eu-west-1,us-*"],
      [
        "Authorization",
        expect.stringMatching(
          /^AWS4-ECDSA-P256-SHA256 Credential=AKIACANARY1\/20231114\/execute-api\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-region-set;x-amz-target, Signature=30[0-9a-f]+$/,
        ),
      ],
    ]);
  });

  it("verifies what it signed, for any key", () => {
    const anyKey = fc.record({
      id: fc.stringMatching(/^[A-Z0-9]{1,20}$/),
      secret: fc.uint8Array({ minLength: 1, maxLength: 90 }).map((bytes) => new SecretValue(bytes)),
    });
    fc.assert(
      fc.property(anyKey, (key) => {
        for (const [, profile] of FORMS) {
          const message = signedWith(profile, ORDER, key);
          expect(profile.verify(message, () => key.secret, NOW)).toMatchObject({ keyId: key.id, expiresAtMs: NOW + 300_000 });
        }
      }),
    );
  });

  it.each(FORMS)("refuses a changed request, another key and an unknown one (%s)", (_, profile) => {
    const message = signedWith(profile);
    expect(verify({ ...message, method: "PUT" }, profile)).toMatchObject(invalid);
    expect(verify({ ...message, body: new Uint8Array() }, profile)).toMatchObject(invalid);
    expect(verify(withHeader(message, "content-type", "text/plain"), profile)).toMatchObject(invalid);
    expect(verify(signedWith(profile, ORDER, { ...KEY, secret: OTHER_KEY.secret }), profile)).toMatchObject(invalid);
    expect(verify(signedWith(profile, ORDER, { ...KEY, id: "AKIACANARY3" }), profile)).toMatchObject({ denied: "CALLER_UNKNOWN" });
    expect(verify(message, profile, NOW + 300_001)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
  });

  it("takes the regions from the profile, not the message", () => {
    const everywhere = sigv4aProfile({ ...REGIONS, regionSet: "*" });
    expect(verify(signedWith(everywhere))).toEqual({
      denied: "PROOF_MALFORMED",
      details: { part: "x-amz-region-set", expected: "eu-west-1,us-*, exactly once" },
    });
    expect(verify(withHeader(signedWith(header), "x-amz-region-set", undefined))).toMatchObject(malformed("x-amz-region-set"));
    expect(verify(carrying(signedWith(header), [["x-amz-region-set", "eu-west-1,us-*"]]))).toMatchObject(malformed("x-amz-region-set"));
  });

  it("refuses the symmetric algorithm, and SigV4 the asymmetric one (algorithm confusion)", () => {
    expect(verify(signedWith(sigv4Profile(SCOPE)))).toMatchObject(malformed("algorithm"));
    expect(verify(signedWith(header), sigv4Profile(SCOPE))).toMatchObject(malformed("algorithm"));
  });

  const signatureOf = (message: SignableMessage) => /[0-9a-f]+$/.exec(headerOf(message, "authorization"))![0];
  const withSignature = (message: SignableMessage, signature: string) =>
    withHeader(message, "authorization", headerOf(message, "authorization").replace(/[0-9a-f]+$/, signature));

  it("has one claim for both spellings of a signature, so that a mirrored one is a replay", () => {
    const message = signedWith(header);
    const mirrored = withSignature(message, mirror(signatureOf(message)));
    expect(signatureOf(mirrored)).not.toBe(signatureOf(message));
    const [claim, otherClaim] = [verify(message), verify(mirrored)].map((verified) =>
      isDenial(verified) ? verified.denied : verified.claim,
    );
    expect(claim).toMatch(/^1700000000:sigv4a:AKIACANARY1:[0-9a-f]{64}$/);
    expect(otherClaim).toBe(claim);
  });

  it("refuses a signature that is not plain DER", () => {
    const message = signedWith(header);
    const der = signatureOf(message);
    const authorization = headerOf(message, "authorization");
    const raw = sign("sha256", Buffer.from("a"), {
      key: createPrivateKey({ key: ecdsaPrivateKey(KEY.id, KEY.secret), format: "jwk" }),
      dsaEncoding: "ieee-p1363",
    }).toString("hex");
    const rewritten = (signature: string) => withHeader(message, "authorization", authorization.replace(/[0-9a-f]+$/, signature));
    const longForm = `3081${der.slice(2, 4)}${der.slice(4)}`;
    for (const bad of ["", "30", raw, der.toUpperCase(), der.slice(0, -1), `${der}*`, `${der}00`, longForm, "3006020100020100"]) {
      expect(verify(rewritten(bad))).toMatchObject({ denied: expect.stringMatching(/^(PROOF_MALFORMED|SIGNATURE_INVALID)$/) });
    }
    expect(verify(rewritten(der))).toMatchObject({ keyId: KEY.id });
  });
});

/** (r, n - s) signs the same text as (r, s). */
function mirror(derHex: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const der = Buffer.from(derHex, "hex");
  const rEnd = 4 + der[3]!;
  const s = (order - BigInt(`0x${der.toString("hex", rEnd + 2)}`)).toString(16);
  const even = s.padStart(s.length + (s.length % 2), "0");
  const positive = Buffer.from(Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even, "hex");
  const body = Buffer.concat([der.subarray(2, rEnd), Buffer.from([2, positive.length]), positive]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString("hex");
}
