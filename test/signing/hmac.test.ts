import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial, SallyportError } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { type HmacOptions, hmacProfile } from "../../lib/signing/hmac.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import {
  AT,
  anyFreshness,
  anyKey,
  anyMessage,
  carrying,
  headerOf,
  KEY,
  keyFor,
  NOW,
  ORDER,
  OTHER_KEY,
  SECRET_TEXT,
  signedWith,
  withHeader,
} from "./messages.js";

const strict = hmacProfile({ form: "strict" });
const plain = hmacProfile({ form: "plain", keyId: KEY.id });
const PROFILES = [
  ["strict", strict],
  ["plain", plain],
] as const;

const verify = (message: SignableMessage, profile = strict, now = NOW) => profile.verify(message, keyFor, now);

describe("hmacProfile", () => {
  it.each([
    ["an unknown form", { form: "none" }, "INPUT_INVALID: form: expected strict or plain"],
    ["a form that Object.prototype has", { form: "toString" }, "INPUT_INVALID: form: expected strict or plain"],
    ["a window of 0 s", { windowSeconds: 0 }, "INPUT_INVALID: windowSeconds: expected a whole number from 1 to 86400"],
    ["half a second", { windowSeconds: 1.5 }, "INPUT_INVALID: windowSeconds: expected a whole number from 1 to 86400"],
    ["a window over a day", { windowSeconds: 86_401 }, "INPUT_INVALID: windowSeconds: expected a whole number from 1 to 86400"],
    ["an endless window", { windowSeconds: Infinity }, "INPUT_INVALID: windowSeconds: expected a whole number from 1 to 86400"],
    ["a name with a colon", { name: "a:b" }, "INPUT_INVALID: name: expected 1 to 128 characters A-Z a-z 0-9 . _ -"],
    ["an empty key id", { keyId: "" }, "INPUT_INVALID: keyId: expected 1 to 128 characters A-Z a-z 0-9 . _ -"],
  ])("refuses %s", (_, options, message) => {
    expect(() => hmacProfile({ form: "strict", ...options } as HmacOptions)).toThrow(message);
  });
});

describe("sign", () => {
  // Computed with Python's hmac module over the bases written out in hmac-base.test.ts.
  it("makes the strict proof", () => {
    expect(strict.sign(ORDER, KEY, AT)).toEqual([
      ["X-Timestamp", "1700000000"],
      ["X-Nonce", "n0-nce_AAAAAAAAA"],
      ["X-Key-Id", "payments-1"],
      ["X-Signature", "sha256=021f940956c5e8244df0d030924ffc3566c9ad26f86d9edef72cc73d34e6483f"],
    ]);
  });

  it("makes the plain proof", () => {
    expect(plain.sign(ORDER, KEY, AT)).toEqual([
      ["X-Timestamp", "1700000000"],
      ["X-Signature", "sha256=53b5eea4bfdf5e7351000c4cb8d372eee7d153a53dfee50dcd6dee1462fcd3f1"],
    ]);
  });

  it("signs an absent content type as empty, and an absent body as no bytes", () => {
    const message = { ...ORDER, method: "GET", target: "/", headers: [], body: new Uint8Array() };
    const signature = ["X-Signature", "sha256=c57f0a4af53fc04bf23bea295f0cde17ed35459d7a02b6d666c899d8166210a1"];
    expect(strict.sign(message, KEY, AT)).toContainEqual(signature);
    expect(strict.sign({ ...message, headers: [["Content-Type", ""]] }, KEY, AT)).toContainEqual(signature);
  });

  it("takes a precomputed hash for the body", () => {
    const sha256Hex = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest("hex");
    expect(strict.sign({ ...ORDER, body: { sha256Hex } }, KEY, AT)).toEqual(strict.sign(ORDER, KEY, AT));
  });

  it.each(PROFILES)("throws SECRET_TOO_SHORT for an empty secret (%s)", (_, profile) => {
    const sign = () => profile.sign(ORDER, { id: "payments-1", secret: new SecretValue("") }, AT);
    expect(sign).toThrow(expect.objectContaining({ code: "SECRET_TOO_SHORT", details: { keyId: "payments-1" } }));
  });

  it.each([
    ["a proof", "X-Signature", "x-signature: expected no such header, signing adds it"],
    ["an empty nonce", "x-nonce", "x-nonce: expected no such header, signing adds it"],
  ])("refuses a message that carries %s already", (_, name, problem) => {
    const message: SignableMessage = { ...ORDER, headers: [...ORDER.headers, [name, ""]] };
    expect(() => strict.sign(message, KEY, AT)).toThrow(`INPUT_INVALID: ${problem}`);
  });

  it("leaves alone in the plain form what only the strict form adds", () => {
    const message: SignableMessage = { ...ORDER, headers: [...ORDER.headers, ["X-Key-Id", "the upstream's own"]] };
    expect(plain.sign(message, KEY, AT)).toEqual(plain.sign(ORDER, KEY, AT));
  });

  it.each([
    ["a fraction of a second", { ...AT, timestampSeconds: 1_700_000_000.5 }, "x-timestamp"],
    ["milliseconds", { ...AT, timestampSeconds: NOW }, "x-timestamp"],
    ["no time at all", { ...AT, timestampSeconds: Number.NaN }, "x-timestamp"],
    ["a time before 2001", { ...AT, timestampSeconds: 999_999_999 }, "x-timestamp"],
    ["a nonce of 15 characters", { ...AT, nonce: "A".repeat(15) }, "x-nonce"],
    ["a nonce of 129 characters", { ...AT, nonce: "A".repeat(129) }, "x-nonce"],
    ["a nonce with padding", { ...AT, nonce: `${"A".repeat(22)}==` }, "x-nonce"],
  ])("refuses %s", (_, at, part) => {
    const refused = expect.objectContaining({ code: "INPUT_INVALID", details: expect.objectContaining({ part }) });
    expect(() => strict.sign(ORDER, KEY, at)).toThrow(refused);
  });

  it("refuses a key id that no header can carry unambiguously", () => {
    expect(() => strict.sign(ORDER, { ...KEY, id: "a b" }, AT)).toThrow("INPUT_INVALID: x-key-id: expected 1 to 128 characters");
  });
});

describe("verify", () => {
  it("inverts sign", () => {
    fc.assert(
      fc.property(anyMessage, anyKey, anyFreshness, fc.integer({ min: 1, max: 86_400 }), (message, key, at, windowSeconds) => {
        for (const form of ["strict", "plain"] as const) {
          const profile = hmacProfile({ form, windowSeconds, keyId: key.id });
          const verified = profile.verify(signedWith(profile, message, key, at), () => key.secret, at.timestampSeconds * 1000);
          expect(verified).toEqual({
            keyId: key.id,
            claim: expect.stringMatching(/^[0-9]{10,11}:(strict|plain):[A-Za-z0-9._-]+:[0-9a-f]{64}$/),
            timestampSeconds: at.timestampSeconds,
            expiresAtMs: (at.timestampSeconds + windowSeconds) * 1000,
          });
        }
      }),
    );
  });

  it("gives the plain form's key id to keyFor", () => {
    const asked: string[] = [];
    const denial = hmacProfile({ form: "plain" }).verify(signedWith(plain), (id) => void asked.push(id), NOW);
    expect(denial).toMatchObject({ denied: "CALLER_UNKNOWN", details: { keyId: "default" } });
    expect(asked).toEqual(["default"]);
  });

  describe("refuses a changed request:", () => {
    const other = { sha256Hex: "0".repeat(64) };
    const changes: [what: string, change: (signed: SignableMessage) => SignableMessage][] = [
      ["method", (signed) => ({ ...signed, method: "PUT" })],
      ["case of the method", (signed) => ({ ...signed, method: "post" })],
      ["target", (signed) => ({ ...signed, target: "/v2/orders?page=3&q=a%2Fb" })],
      ["spelling of the target", (signed) => ({ ...signed, target: "/v2/orders?page=2&q=a%2fb" })],
      ["order of the query", (signed) => ({ ...signed, target: "/v2/orders?q=a%2Fb&page=2" })],
      ["content type", (signed) => withHeader(signed, "content-type", "text/plain")],
      ["content type, removed", (signed) => withHeader(signed, "content-type", undefined)],
      ["timestamp", (signed) => withHeader(signed, "x-timestamp", "1700000001")],
      ["body", (signed) => ({ ...signed, body: Buffer.from('{"amount":1201,"currency":"eur"}') })],
      ["body, emptied", (signed) => ({ ...signed, body: new Uint8Array() })],
      ["body, as a hash", (signed) => ({ ...signed, body: other })],
      ["signature", (signed) => withHeader(signed, "x-signature", `sha256=${"0".repeat(64)}`)],
    ];
    const strictChanges: typeof changes = [
      ["authority", (signed) => ({ ...signed, authority: "api.attacker.example" })],
      ["port of the authority", (signed) => ({ ...signed, authority: "api.partner.example:8443" })],
      ["nonce", (signed) => withHeader(signed, "x-nonce", "n0-nce_AAAAAAAAB")],
      ["key id, to another key", (signed) => withHeader(signed, "x-key-id", OTHER_KEY.id)],
    ];
    const invalid = { denied: "SIGNATURE_INVALID", details: { part: "x-signature" } };

    it.each([...changes, ...strictChanges])("%s (strict)", (_, change) => {
      expect(verify(change(signedWith(strict)))).toMatchObject(invalid);
    });

    it.each(changes)("%s (plain)", (_, change) => {
      expect(verify(change(signedWith(plain)), plain)).toMatchObject(invalid);
    });

    it.each(PROFILES)("any one bit of the signature (%s)", (_, profile) => {
      const signed = signedWith(profile);
      const mac = Buffer.from(headerOf(signed, "x-signature").slice("sha256=".length), "hex");
      for (let bit = 0; bit < 256; bit++) {
        const flipped = Buffer.from(mac);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(withHeader(signed, "x-signature", `sha256=${flipped.toString("hex")}`), profile)).toMatchObject(invalid);
      }
    });

    it("a body extended by SHA-256's own padding and more", () => {
      const body = ORDER.body as Uint8Array;
      const padding = Buffer.alloc(64 - body.length);
      padding[0] = 0x80;
      padding.writeUInt32BE(body.length * 8, padding.length - 4);
      expect(verify({ ...signedWith(strict), body: Buffer.concat([body, padding, Buffer.from("&admin=1")]) })).toMatchObject(invalid);
    });
  });

  describe("reads the proof strictly:", () => {
    const signature = headerOf(signedWith(strict), "x-signature");
    const EXPECTED = {
      "x-signature": "sha256= and 64 lower-case hexadecimal digits, exactly once",
      "x-timestamp": "whole Unix seconds in decimal, exactly once",
      "x-nonce": "16 to 128 characters A-Z a-z 0-9 _ -, exactly once",
      "x-key-id": "1 to 128 characters A-Z a-z 0-9 . _ -, exactly once",
    };
    type ProofHeader = keyof typeof EXPECTED;

    it.each<[what: string, name: ProofHeader, value: string]>([
      ["upper-case hex", "x-signature", `sha256=${signature.slice(7).toUpperCase()}`],
      ["an upper-case algorithm", "x-signature", `SHA256=${signature.slice(7)}`],
      ["another algorithm", "x-signature", `sha512=${signature.slice(7)}`],
      ["no algorithm", "x-signature", signature.slice(7)],
      ["the algorithm none", "x-signature", "none="],
      ["a digit too few", "x-signature", signature.slice(0, -1)],
      ["a digit too many", "x-signature", `${signature}0`],
      ["a byte too many", "x-signature", `${signature}00`],
      ["two signatures in one header", "x-signature", `${signature}, ${signature}`],
      ["a space before", "x-signature", ` ${signature}`],
      ["a space behind", "x-signature", `${signature} `],
      ["a line break behind", "x-signature", `${signature}\n`],
      ["base64", "x-signature", `sha256=${Buffer.from(signature.slice(7), "hex").toString("base64")}`],
      ["letters whose low byte is the right digit", "x-signature", `sha256=${signature.slice(7).replaceAll(/[a-f]/g, raisedAboveLatin1)}`],
      ["nothing", "x-signature", ""],
      ["a plus sign", "x-timestamp", "+1700000000"],
      ["a leading zero", "x-timestamp", "01700000000"],
      ["a fraction", "x-timestamp", "1700000000.0"],
      ["an exponent", "x-timestamp", "1.7e9000000"],
      ["hexadecimal", "x-timestamp", "0x6553f100"],
      ["milliseconds", "x-timestamp", "1700000000000"],
      ["nine digits", "x-timestamp", "999999999"],
      ["a space", "x-timestamp", " 1700000000"],
      ["full-width digits", "x-timestamp", "１７００００００００"],
      ["a short nonce", "x-nonce", "A".repeat(15)],
      ["a long nonce", "x-nonce", "A".repeat(129)],
      ["a nonce in standard base64", "x-nonce", `${"A".repeat(20)}+/`],
      ["a space in the key id", "x-key-id", "payments 1"],
      ["a long key id", "x-key-id", "a".repeat(129)],
      ["an umlaut in the key id", "x-key-id", "payments-ä"],
      ["a line that the base would gain", "x-key-id", "payments-1\nx-role:admin"],
    ])("%s", (_, name, value) => {
      expect(verify(withHeader(signedWith(strict), name, value))).toMatchObject({
        denied: "PROOF_MALFORMED",
        details: { part: name, expected: EXPECTED[name] },
      });
    });

    it.each(["x-timestamp", "x-nonce", "x-key-id", "x-signature"] as const)("%s missing", (name) => {
      expect(verify(withHeader(signedWith(strict), name, undefined))).toEqual({
        denied: "PROOF_MALFORMED",
        details: { part: name, expected: EXPECTED[name], found: "nothing" },
      });
    });

    it.each(["x-timestamp", "x-nonce", "x-key-id", "x-signature", "content-type"])(
      "%s twice, even with one value and in another case",
      (name) => {
        const signed = signedWith(strict);
        const twice = carrying(signed, [[name.toUpperCase(), headerOf(signed, name)]]);
        expect(verify(twice)).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: name, found: "more than one line" } });
      },
    );

    it("a second content type that is empty", () => {
      const denial = { denied: "PROOF_MALFORMED", details: { part: "content-type", found: "more than one line" } };
      expect(verify(carrying(signedWith(plain), [["content-type", ""]]), plain)).toMatchObject(denial);
    });

    it.each([
      ["strict", strict, ["x-timestamp", "x-nonce", "x-key-id", "x-signature"]],
      ["plain", plain, ["x-timestamp", "x-signature"]],
    ] as const)("says PROOF_MISSING only when there is no proof at all (%s)", (_, profile, expected) => {
      expect(verify(ORDER, profile)).toEqual({ denied: "PROOF_MISSING", details: { expected } });
      for (const name of expected) {
        expect(verify(carrying(ORDER, [[name, "x"]]), profile)).toMatchObject({ denied: "PROOF_MALFORMED" });
      }
    });

    it.each(["method", "authority", "target"] as const)("a line break in the %s", (part) => {
      const denial = { denied: "PROOF_MALFORMED", details: { part, found: "more than one line" } };
      expect(verify({ ...signedWith(strict), [part]: "a\nb" })).toMatchObject(denial);
    });
  });

  it("does not take the proof of one form for the other's", () => {
    expect(verify(signedWith(strict), plain)).toMatchObject({ denied: "SIGNATURE_INVALID" });
    expect(verify(signedWith(plain))).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: "x-nonce" } });
    const plainMac = headerOf(signedWith(plain), "x-signature");
    expect(verify(withHeader(signedWith(strict), "x-signature", plainMac))).toMatchObject({ denied: "SIGNATURE_INVALID" });
  });

  describe("judges keys:", () => {
    it("refuses another key's secret under this key's id", () => {
      const signed = signedWith(strict, ORDER, { id: KEY.id, secret: OTHER_KEY.secret });
      expect(verify(signed)).toMatchObject({ denied: "SIGNATURE_INVALID", details: { keyId: "payments-1" } });
    });

    it("refuses an unknown key id", () => {
      const signed = signedWith(strict, ORDER, { ...KEY, id: "payments-3" });
      expect(verify(signed)).toEqual({
        denied: "CALLER_UNKNOWN",
        details: { part: "x-key-id", expected: "the id of a key of this profile", keyId: "payments-3" },
      });
    });

    it("does as much for an unknown key id as for a known one, whether fresh or stale", () => {
      for (const now of [NOW, NOW + 300_001]) {
        const hashed = [KEY.id, "payments-3"].map((id) => {
          let reads = 0;
          const body = {
            get sha256Hex() {
              reads++;
              return "0".repeat(64);
            },
          };
          const signed = signedWith(strict, ORDER, { id, secret: OTHER_KEY.secret });
          expect(isDenial(verify({ ...signed, body }, strict, now))).toBe(true);
          return reads;
        });
        expect(hashed[0]).toBe(hashed[1]);
        expect(hashed[0]! > 0).toBe(now === NOW);
      }
    });

    it.each(PROFILES)("refuses an empty secret, also when the signature was made with it (%s)", (form, profile) => {
      const base = {
        strict:
          "POST\napi.partner.example\n/v2/orders?page=2&q=a%2Fb\ncontent-type:application/json\nx-timestamp:1700000000\nx-nonce:n0-nce_AAAAAAAAA\nx-key-id:payments-1\n",
        plain: "POST\n/v2/orders?page=2&q=a%2Fb\ncontent-type:application/json\nx-timestamp:1700000000\n",
      }[form];
      const body = createHash("sha256")
        .update(ORDER.body as Uint8Array)
        .digest("hex");
      const forged = createHmac("sha256", "")
        .update(base + body)
        .digest("hex");
      const signed = withHeader(signedWith(profile), "x-signature", `sha256=${forged}`);
      expect(profile.verify(signed, () => new SecretValue(""), NOW)).toEqual({
        denied: "SECRET_TOO_SHORT",
        details: { expected: "a secret of at least one byte", keyId: "payments-1" },
      });
    });
  });

  describe("keeps the window exactly:", () => {
    const outside = {
      denied: "TIMESTAMP_OUTSIDE_WINDOW",
      details: { part: "x-timestamp", expected: "at most 300 s from the clock", timestampSeconds: 1_700_000_000 },
    };

    it.each([
      ["accepts 300 s late", NOW + 300_000, { expiresAtMs: NOW + 300_000 }],
      ["refuses 1 ms later", NOW + 300_001, outside],
      ["accepts 300 s early", NOW - 300_000, { expiresAtMs: NOW + 300_000 }],
      ["refuses 1 ms earlier", NOW - 300_001, outside],
      ["refuses a fraction of a millisecond later", NOW + 300_000.5, outside],
      ["refuses a clock that is not a number", Number.NaN, outside],
      ["refuses an endless clock", Infinity, outside],
      ["refuses an hour late", NOW + 3_600_000, outside],
    ])("%s", (_, now, expected) => {
      for (const [, profile] of PROFILES) expect(verify(signedWith(profile), profile, now)).toMatchObject(expected);
    });

    it("verifies for the last time at expiresAtMs", () => {
      fc.assert(
        fc.property(anyFreshness, fc.integer({ min: 1, max: 86_400 }), (at, windowSeconds) => {
          const profile = hmacProfile({ form: "strict", windowSeconds });
          const signed = signedWith(profile, ORDER, KEY, at);
          const verified = profile.verify(signed, keyFor, at.timestampSeconds * 1000);
          if (isDenial(verified)) throw new Error(verified.denied);
          expect(profile.verify(signed, keyFor, verified.expiresAtMs)).toEqual(verified);
          expect(profile.verify(signed, keyFor, verified.expiresAtMs + 1)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
        }),
      );
    });
  });

  it("judges syntax, then key, then freshness, then signature", () => {
    const wrong = {
      signature: withHeader(signedWith(strict), "x-signature", `sha256=${"0".repeat(64)}`),
      get key() {
        return withHeader(this.signature, "x-key-id", "payments-3");
      },
      get syntax() {
        return withHeader(this.key, "x-nonce", "short");
      },
    };
    const late = NOW + 300_001;
    expect(verify(wrong.syntax, strict, late)).toMatchObject({ denied: "PROOF_MALFORMED" });
    expect(verify(wrong.key, strict, late)).toMatchObject({ denied: "CALLER_UNKNOWN" });
    expect(verify(wrong.signature, strict, late)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
    expect(verify(wrong.signature)).toMatchObject({ denied: "SIGNATURE_INVALID" });
    expect(() => strict.verify(wrong.syntax, expect.unreachable, NOW)).not.toThrow();
  });

  it("throws INPUT_INVALID for a precomputed hash that is none", () => {
    for (const sha256Hex of ["", "UNSIGNED-PAYLOAD", "0".repeat(63), "A".repeat(64), `${"0".repeat(64)}\n`]) {
      const verifyIt = () => verify({ ...signedWith(strict), body: { sha256Hex } });
      expect(verifyIt).toThrow(SallyportError);
      expect(verifyIt).toThrow("INPUT_INVALID: body.sha256Hex: expected 64 lower-case hexadecimal digits");
    }
  });

  it("names neither secret nor right signature in a denial", () => {
    const right = headerOf(signedWith(strict), "x-signature").slice("sha256=".length);
    const attempts = [
      withHeader(signedWith(strict), "x-signature", `sha256=${"0".repeat(64)}`),
      withHeader(signedWith(strict), "x-signature", `sha256=${right.toUpperCase()}`),
      withHeader(signedWith(strict), "x-key-id", "payments-3"),
      withHeader(signedWith(strict), "x-nonce", "short"),
      ORDER,
    ];
    for (const now of [NOW, NOW + 300_001]) {
      for (const attempt of attempts) {
        const denial = verify(attempt, strict, now);
        expect(isDenial(denial)).toBe(true);
        expect(JSON.stringify(denial).toLowerCase()).not.toContain(right);
        expect(JSON.stringify(denial)).not.toContain(SECRET_TEXT);
      }
    }
  });
});

describe("claim", () => {
  const claimOf = (message: SignableMessage, profile = strict) => {
    const verified = verify(message, profile);
    if (isDenial(verified)) throw new Error(verified.denied);
    return verified.claim;
  };

  it("is the same for a request that was only spelled differently", () => {
    const signed = signedWith(strict);
    const respelled: SignableMessage = {
      ...signed,
      headers: [["Via", "1.1 proxy"], ...signed.headers.map(([name, value]) => [name.toUpperCase(), value] as const).reverse()],
    };
    expect(claimOf(respelled)).toBe(claimOf(signed));
  });

  it.each([
    ["nonce", signedWith(strict, ORDER, KEY, { ...AT, nonce: "n0-nce_BBBBBBBBB" })],
    ["key", signedWith(strict, ORDER, OTHER_KEY)],
    ["body", signedWith(strict, { ...ORDER, body: new Uint8Array() })],
  ])("is another for another %s", (_, message) => {
    expect(claimOf(message)).not.toBe(claimOf(signedWith(strict)));
  });

  it("is another for another profile", () => {
    const renamed = hmacProfile({ form: "strict", name: "partner" });
    expect(claimOf(signedWith(renamed), renamed)).toMatch(/^[0-9]{10,11}:partner:payments-1:[0-9a-f]{64}$/);
    expect(claimOf(signedWith(strict))).toMatch(/^[0-9]{10,11}:strict:payments-1:[0-9a-f]{64}$/);
  });

  it("holds no usable signature", () => {
    const claim = claimOf(signedWith(strict));
    expect(claim).not.toContain(headerOf(signedWith(strict), "x-signature").slice("sha256=".length));
  });
});

/** `š` (U+0161) for `a` and so on: cut to one byte it is the digit again. */
function raisedAboveLatin1(digit: string): string {
  return String.fromCharCode(digit.charCodeAt(0) + 0x100);
}
