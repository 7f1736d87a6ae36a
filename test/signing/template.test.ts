import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import type { Header, SignableMessage } from "../../lib/signing/message.js";
import { type TemplateOptions, templateWeaknesses } from "../../lib/signing/template/options.js";
import type { Segment } from "../../lib/signing/template/segment.js";
import { templateProfile } from "../../lib/signing/template.js";
import {
  AT,
  anyFreshness,
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

/** As Slack has it. */
const OPTIONS: TemplateOptions = {
  name: "hook",
  segments: [{ kind: "literal", text: "v0" }, { kind: "timestamp" }, { kind: "body" }],
  delimiter: ":",
  algorithm: "hmac-sha256",
  encoding: "hex",
  signature: { header: "X-Hook-Signature", prefix: "v0=" },
  timestamp: { header: "X-Hook-Timestamp" },
  keyId: KEY.id,
};
/** As Stripe has it. */
const LISTED: TemplateOptions = {
  ...OPTIONS,
  name: "listed",
  segments: [{ kind: "timestamp" }, { kind: "body" }],
  delimiter: ".",
  signature: { header: "Hook-Signature", prefix: "v1=", separator: "," },
  timestamp: { header: "Hook-Signature", prefix: "t=", separator: "," },
};
/** All that a template can have, a line a part. */
const FULL: TemplateOptions = {
  ...OPTIONS,
  name: "full",
  segments: [
    { kind: "method" },
    { kind: "authority" },
    { kind: "target" },
    { kind: "path" },
    { kind: "query" },
    { kind: "header", name: "Content-Type" },
    { kind: "timestamp" },
    { kind: "nonce" },
    { kind: "key-id" },
    { kind: "body-sha256", encoding: "base64" },
    { kind: "body-sha256", encoding: "hex" },
  ],
  delimiter: "\n",
  algorithm: "hmac-sha512",
  encoding: "base64",
  signature: { header: "X-Signature" },
  nonce: { header: "X-Nonce" },
  keyId: { header: "X-Key" },
};
const { timestamp: _, ...TIMELESS } = OPTIONS;
const BODY_ONLY: TemplateOptions = { ...TIMELESS, name: "weak", segments: [{ kind: "body" }], weak: true };

const hook = templateProfile(OPTIONS);
const listed = templateProfile(LISTED);
const full = templateProfile(FULL);

const hmacHex = (base: string | Uint8Array, secret = SECRET_TEXT) => createHmac("sha256", secret).update(base).digest("hex");
const verify = (message: SignableMessage, profile = hook, now = NOW) => profile.verify(message, keyFor, now);

describe("templateProfile", () => {
  const body: Segment = { kind: "body" };
  it.each<[what: string, options: Partial<TemplateOptions>, message: string]>([
    [
      "a variable segment that could hold the delimiter",
      { segments: [{ kind: "header", name: "x" }, { kind: "timestamp" }, body] },
      'segments: expected header to be last, or hashed: it could hold the delimiter ":"',
    ],
    ["a body that is not last", { segments: [body, { kind: "timestamp" }] }, "segments: expected body to be last, or hashed"],
    [
      "a target before a dot",
      { delimiter: ".", segments: [{ kind: "target" }, { kind: "timestamp" }, body] },
      "segments: expected target to be last",
    ],
    [
      "a delimiter of which a segment could hold a part",
      { delimiter: "\n0", segments: [{ kind: "timestamp" }, body] },
      "segments: expected timestamp to be last",
    ],
    [
      "no delimiter behind what varies in length",
      { delimiter: "", segments: [{ kind: "timestamp" }, body] },
      "segments: expected timestamp to be last, or hashed: nothing after it would tell where it ends",
    ],
    ["a time with colons before a colon", { timestamp: { header: "T", format: "rfc3339" } }, "segments: expected timestamp to be last"],
    [
      "a timestamp that is carried and not signed",
      { segments: [body] },
      "segments: expected a timestamp segment, for timestamp is carried and would not be signed",
    ],
    ["a nonce that is carried and not signed", { nonce: { header: "N" } }, "segments: expected a nonce segment"],
    ["a key id that is carried and not signed", { keyId: { header: "K" } }, "segments: expected a key-id segment"],
    ["a timestamp that is signed and not carried", { timestamp: undefined as never, weak: true }, "timestamp: expected a carrier"],
    [
      "a key id that is signed and not carried",
      { segments: [{ kind: "key-id" }, { kind: "timestamp" }, body] },
      "keyId: expected a carrier",
    ],
    ["SHA-1 that is not said to be weak", { algorithm: "hmac-sha1" }, "weak: expected true, for the profile is weak: SHA-1"],
    [
      "no freshness that is not said to be weak",
      { timestamp: undefined as never, segments: [body] },
      "weak: expected true, for the profile is weak: no freshness",
    ],
    [
      "a body left out that is not said to be weak",
      { segments: [{ kind: "timestamp" }] },
      "weak: expected true, for the profile is weak: the body is not covered",
    ],
    ["a weak one that is not", { weak: true }, "weak: expected nothing, for the profile is not weak"],
    ["no segments", { segments: [], timestamp: undefined as never, weak: true }, "segments: expected at least one"],
    ["an unknown segment", { segments: [{ kind: "cookie" } as never, body] }, "segments: expected known kinds"],
    ["a segment that Object.prototype has", { segments: [{ kind: "toString" } as never, body] }, "segments: expected known kinds"],
    ["the algorithm none", { algorithm: "none" as never }, "algorithm: expected hmac-sha256, hmac-sha512, hmac-sha1"],
    ["another encoding", { encoding: "base64url" as never }, "encoding: expected hex or base64"],
    [
      "another time format",
      { timestamp: { header: "T", format: "http" as never } },
      "timestamp.format: expected unix, unix-milliseconds, rfc3339",
    ],
    ["a name with a colon", { name: "a:b" }, "name: expected 1 to 128 characters"],
    ["an empty key id", { keyId: "" }, "keyId: expected 1 to 128 characters"],
    ["a window of 0 s", { windowSeconds: 0 }, "windowSeconds: expected a whole number from 1 to 86400"],
    ["a header with a space", { signature: { header: "X Signature" } }, "signature.header: expected the name of a header"],
    [
      "a header to cover with a line break",
      { segments: [{ kind: "timestamp" }, { kind: "header", name: "a\nb" }] },
      "segments: expected the name of a header",
    ],
    [
      "a prefix with a space",
      { signature: { header: "X-Hook-Signature", prefix: "v0 " } },
      "signature.prefix: expected at most 32 visible ASCII characters",
    ],
    [
      "a prefix that holds its separator",
      { signature: { header: "S", prefix: "v1,", separator: "," } },
      "signature.prefix: expected no separator in it",
    ],
    [
      "one header for two parts that are no list",
      { signature: { header: "x-hook-timestamp" } },
      "timestamp.separator: expected one, the same as signature's, in a shared header",
    ],
    [
      "parts of a list that one prefix would find",
      { ...LISTED, signature: { header: "hook-signature", prefix: "t", separator: "," } },
      "timestamp.prefix: expected one that signature's does not begin",
    ],
  ])("refuses %s", (_, options, message) => {
    expect(() => templateProfile({ ...OPTIONS, ...options })).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining(message) }),
    );
  });

  it("says why a profile is weak", () => {
    expect(templateWeaknesses(OPTIONS)).toEqual([]);
    expect(templateWeaknesses({ ...BODY_ONLY, algorithm: "hmac-sha1", segments: [{ kind: "method" }] })).toEqual([
      "SHA-1",
      "no freshness",
      "the body is not covered",
    ]);
  });

  it("lets a hash stand anywhere, also with no delimiter at all", () => {
    const hashed = templateProfile({
      ...OPTIONS,
      delimiter: "",
      segments: [{ kind: "body-sha256", encoding: "hex" }, { kind: "timestamp" }],
    });
    const signed = signedWith(hashed);
    const sha256Hex = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest("hex");
    expect(headerOf(signed, "x-hook-signature")).toBe(`v0=${hmacHex(`${sha256Hex}1700000000`)}`);
    expect(verify({ ...signed, body: { sha256Hex } }, hashed)).toMatchObject({ keyId: KEY.id });
  });
});

describe("sign", () => {
  it("joins the segments and carries what it signed", () => {
    expect(hook.sign(ORDER, KEY, AT)).toEqual([
      ["X-Hook-Timestamp", "1700000000"],
      ["X-Hook-Signature", `v0=${hmacHex(`v0:1700000000:${ORDER.body}`)}`],
    ]);
  });

  it("puts the items of one header into one list", () => {
    expect(listed.sign(ORDER, KEY, AT)).toEqual([["Hook-Signature", `t=1700000000,v1=${hmacHex(`1700000000.${ORDER.body}`)}`]]);
  });

  it("knows every segment", () => {
    const sha256 = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest();
    const base = [
      "POST",
      "api.partner.example",
      "/v2/orders?page=2&q=a%2Fb",
      "/v2/orders",
      "page=2&q=a%2Fb",
      "application/json",
      "1700000000",
      "n0-nce_AAAAAAAAA",
      "payments-1",
      sha256.toString("base64"),
      sha256.toString("hex"),
    ].join("\n");
    expect(full.sign(ORDER, KEY, AT)).toEqual([
      ["X-Hook-Timestamp", "1700000000"],
      ["X-Nonce", "n0-nce_AAAAAAAAA"],
      ["X-Key", "payments-1"],
      ["X-Signature", createHmac("sha512", SECRET_TEXT).update(base).digest("base64")],
    ]);
  });

  it.each([
    ["unix-milliseconds", "1700000000000"],
    ["rfc3339", "2023-11-14T22:13:20Z"],
  ] as const)("writes the time as %s", (format, text) => {
    const own = templateProfile({ ...OPTIONS, delimiter: "\n", timestamp: { header: "X-Hook-Timestamp", format } });
    const signed = signedWith(own);
    expect(headerOf(signed, "x-hook-timestamp")).toBe(text);
    expect(verify(signed, own)).toMatchObject({ timestampSeconds: 1_700_000_000, expiresAtMs: NOW + 300_000 });
  });

  it("takes a secret in base64, with its prefix and without", () => {
    const own = templateProfile({ ...OPTIONS, secret: { prefix: "whsec_", encoding: "base64" } });
    const encoded = Buffer.from(SECRET_TEXT).toString("base64");
    for (const text of [encoded, `whsec_${encoded}`]) {
      expect(own.sign(ORDER, { ...KEY, secret: new SecretValue(text) }, AT)).toEqual(hook.sign(ORDER, KEY, AT));
    }
  });

  it.each<[what: string, text: string, code: string]>([
    ["no base64", "whsec_?", "SECRET_UNUSABLE"],
    ["loose base64", "whsec_AB==", "SECRET_UNUSABLE"],
    ["base64 of nothing", "whsec_", "SECRET_TOO_SHORT"],
    ["nothing", "", "SECRET_TOO_SHORT"],
  ])("refuses a base64 secret of %s, as verify does", (_, text, code) => {
    const own = templateProfile({ ...OPTIONS, secret: { prefix: "whsec_", encoding: "base64" } });
    const secret = new SecretValue(text);
    expect(() => own.sign(ORDER, { ...KEY, secret }, AT)).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ keyId: KEY.id }) }),
    );
    expect(own.verify(signedWith(hook), () => secret, NOW)).toMatchObject({ denied: code, details: { keyId: KEY.id } });
  });

  it.each<[what: string, message: Partial<SignableMessage>, at: Partial<typeof AT>, id: string, problem: string]>([
    ["a message that has its headers", { headers: [["x-nonce", ""]] }, {}, "a", "x-nonce: expected no such header, signing adds it"],
    ["a fraction of a second", {}, { timestampSeconds: 1.5e9 + 0.5 }, "a", "x-hook-timestamp: expected whole Unix seconds in decimal"],
    ["milliseconds", {}, { timestampSeconds: NOW }, "a", "x-hook-timestamp: expected whole Unix seconds in decimal"],
    ["a nonce with a dot", {}, { nonce: "a.b" }, "a", "x-nonce: expected 1 to 256 characters"],
    ["an empty nonce", {}, { nonce: "" }, "a", "x-nonce: expected 1 to 256 characters"],
    ["a key id with a line break", {}, {}, "a\nb", "x-key: expected 1 to 128 characters"],
    ["a method with a line break", { method: "GET\n" }, {}, "a", "method: expected an HTTP method"],
    ["a target with a space", { target: "/ a" }, {}, "a", "target: expected 1 to 16384 visible ASCII characters"],
    [
      "a covered header outside ASCII",
      { headers: [["Content-Type", "\xe4"]] },
      {},
      "a",
      "content-type: expected at most 8192 printable ASCII",
    ],
    [
      "a covered header twice",
      {
        headers: [
          ["Content-Type", "a"],
          ["content-type", "a"],
        ],
      },
      {},
      "a",
      "content-type: expected at most 8192",
    ],
  ])("refuses %s", (_, change, at, id, problem) => {
    expect(() => full.sign({ ...ORDER, ...change }, { ...KEY, id }, { ...AT, ...at })).toThrow(`INPUT_INVALID: ${problem}`);
  });

  it("refuses a body that is known by its hash only, where the bytes are signed", () => {
    const hashed = { ...ORDER, body: { sha256Hex: "0".repeat(64) } };
    expect(() => hook.sign(hashed, KEY, AT)).toThrow("INPUT_INVALID: body: expected its bytes");
    expect(() => verify({ ...signedWith(hook), body: hashed.body })).toThrow("INPUT_INVALID: body: expected its bytes");
  });
});

describe("verify", () => {
  it("inverts sign", () => {
    fc.assert(
      fc.property(anyMessage, anyFreshness, fc.integer({ min: 1, max: 86_400 }), (message, at, windowSeconds) => {
        for (const options of [OPTIONS, LISTED, FULL]) {
          const profile = templateProfile({ ...options, windowSeconds });
          expect(profile.verify(signedWith(profile, message, KEY, at), keyFor, at.timestampSeconds * 1000)).toEqual({
            keyId: KEY.id,
            claim: expect.stringMatching(/^\d{10,11}:(hook|listed|full):payments-1:[0-9a-f]{64}$/),
            timestampSeconds: at.timestampSeconds,
            expiresAtMs: (at.timestampSeconds + windowSeconds) * 1000,
          });
        }
      }),
    );
  });

  it("gives the default key id to keyFor where none is carried", () => {
    const { keyId: _, ...options } = OPTIONS;
    expect(verify(signedWith(hook), templateProfile(options))).toMatchObject({ denied: "CALLER_UNKNOWN", details: { keyId: "default" } });
  });

  it("claims the hash of the base", () => {
    const digest = createHash("sha256").update(`v0:1700000000:${ORDER.body}`).digest("hex");
    expect(verify(signedWith(hook))).toMatchObject({ claim: `1700000000:hook:payments-1:${digest}` });
  });

  it("claims a message without a time alike whenever it arrives, and keeps it for the window", () => {
    const weak = templateProfile(BODY_ONLY);
    const claims = [NOW, NOW + 86_400_000].map((now) => verify(signedWith(weak), weak, now));
    expect(claims).toEqual(
      [NOW, NOW + 86_400_000].map((now) => expect.objectContaining({ expiresAtMs: now + 300_000, timestampSeconds: now / 1000 })),
    );
    const digest = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest("hex");
    for (const claim of claims) expect(claim).toMatchObject({ claim: `0:weak:payments-1:${digest}` });
    expect(verify(signedWith(weak), weak, Number.NaN)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
  });

  describe("refuses a changed request:", () => {
    const invalid = { denied: "SIGNATURE_INVALID", details: { part: "signature", keyId: KEY.id } };
    it.each<[what: string, change: (signed: SignableMessage) => SignableMessage]>([
      ["method", (signed) => ({ ...signed, method: "PUT" })],
      ["authority", (signed) => ({ ...signed, authority: "api.attacker.example" })],
      ["target", (signed) => ({ ...signed, target: "/v2/orders?page=3" })],
      ["target, its query moved into the path", (signed) => ({ ...signed, target: "/v2/orders%3Fpage=2&q=a%2Fb" })],
      ["content type", (signed) => withHeader(signed, "content-type", "text/plain")],
      ["content type, removed", (signed) => withHeader(signed, "content-type", undefined)],
      ["timestamp", (signed) => withHeader(signed, "x-hook-timestamp", "1700000001")],
      ["nonce", (signed) => withHeader(signed, "x-nonce", "other")],
      ["body", (signed) => ({ ...signed, body: Buffer.from("other") })],
      ["signature", (signed) => withHeader(signed, "x-signature", Buffer.alloc(64).toString("base64"))],
    ])("%s", (_, change) => {
      expect(verify(change(signedWith(full)), full)).toMatchObject(invalid);
    });

    it("key id, to another key", () => {
      expect(verify(withHeader(signedWith(full), "x-key", OTHER_KEY.id), full)).toMatchObject({
        ...invalid,
        details: { keyId: OTHER_KEY.id },
      });
    });

    it("any one bit of the signature", () => {
      const signed = signedWith(hook);
      const mac = Buffer.from(headerOf(signed, "x-hook-signature").slice(3), "hex");
      for (let bit = 0; bit < 256; bit++) {
        const flipped = Buffer.from(mac);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(withHeader(signed, "x-hook-signature", `v0=${flipped.toString("hex")}`))).toMatchObject(invalid);
      }
    });
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
        : { denied: "TIMESTAMP_OUTSIDE_WINDOW", details: { part: "timestamp", timestampSeconds: 1_700_000_000 } };
      expect(verify(signedWith(hook), hook, now)).toMatchObject(outcome);
    });
  });

  it("does as much for an unknown key id as for a known one", () => {
    for (const now of [NOW, NOW + 300_001]) {
      const reads = [KEY.id, "payments-3"].map((id) => {
        let count = 0;
        const signed = { ...signedWith(full, ORDER, { ...OTHER_KEY, id }) };
        const watched = {
          ...signed,
          get method() {
            count++;
            return "POST";
          },
        };
        expect(isDenial(verify(watched, full, now))).toBe(true);
        return count;
      });
      expect(reads[0]).toBe(reads[1]);
      expect(reads[0]! > 0).toBe(now === NOW);
    }
  });
});

// THREATS 18.
describe("signature tricks:", () => {
  const signed = signedWith(hook);
  const SIGNATURE = headerOf(signed, "x-hook-signature");
  const MAC = SIGNATURE.slice(3);

  it.each<[what: string, name: string, value: string | undefined]>([
    ["upper-case hex", "x-hook-signature", `v0=${MAC.toUpperCase()}`],
    ["another version", "x-hook-signature", `v1=${MAC}`],
    ["no version", "x-hook-signature", MAC],
    ["the version twice", "x-hook-signature", `v0=${SIGNATURE}`],
    ["a digit too few", "x-hook-signature", SIGNATURE.slice(0, -1)],
    ["a byte too many", "x-hook-signature", `${SIGNATURE}00`],
    ["SHA-1's length", "x-hook-signature", SIGNATURE.slice(0, 43)],
    ["base64", "x-hook-signature", `v0=${Buffer.from(MAC, "hex").toString("base64")}`],
    ["two where one belongs", "x-hook-signature", `${SIGNATURE},${SIGNATURE}`],
    ["two headers", "x-hook-signature", `${SIGNATURE}\n${SIGNATURE}`],
    [
      "letters whose low byte is the right digit",
      "x-hook-signature",
      `v0=${[...MAC].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0x100)).join("")}`,
    ],
    ["nothing", "x-hook-signature", ""],
    ["no signature", "x-hook-signature", undefined],
    ["a plus sign", "x-hook-timestamp", "+1700000000"],
    ["a leading zero", "x-hook-timestamp", "01700000000"],
    ["a fraction", "x-hook-timestamp", "1700000000.0"],
    ["milliseconds", "x-hook-timestamp", "1700000000000"],
    ["a space", "x-hook-timestamp", " 1700000000"],
    ["another format", "x-hook-timestamp", "2023-11-14T22:13:20Z"],
    ["no timestamp", "x-hook-timestamp", undefined],
    ["two timestamps", "x-hook-timestamp", "1700000000\n1700000000"],
  ])("refuses %s", (_, name, value) => {
    expect(verify(withHeader(signed, name, value))).toMatchObject({
      denied: "PROOF_MALFORMED",
      details: { part: expect.stringMatching(`${name}|timestamp`) },
    });
  });

  it("says PROOF_MISSING only when there is no proof at all", () => {
    expect(verify(ORDER)).toEqual({ denied: "PROOF_MISSING", details: { expected: ["x-hook-timestamp", "x-hook-signature"] } });
    expect(verify(carrying(ORDER, [["X-Hook-Timestamp", "1700000000"]]))).toMatchObject({ denied: "PROOF_MALFORMED" });
  });

  it("refuses an empty secret, also when the signature was made with it", () => {
    const forged = withHeader(signed, "x-hook-signature", `v0=${hmacHex(`v0:1700000000:${ORDER.body}`, "")}`);
    expect(hook.verify(forged, () => new SecretValue(""), NOW)).toMatchObject({ denied: "SECRET_TOO_SHORT", details: { keyId: KEY.id } });
  });

  it("refuses a body extended by SHA-256's own padding and more", () => {
    const padding = Buffer.alloc(64);
    padding[0] = 0x80;
    expect(verify({ ...signed, body: Buffer.concat([ORDER.body as Uint8Array, padding, Buffer.from("&admin=1")]) })).toMatchObject({
      denied: "SIGNATURE_INVALID",
    });
  });

  it("refuses a body that moves into the time's place", () => {
    const split = { ...signed, body: Buffer.from(`0:${ORDER.body}`) };
    expect(verify(withHeader(split, "x-hook-timestamp", "170000000"))).toMatchObject({ denied: "PROOF_MALFORMED" });
  });

  it("does not take the proof of a profile with another hash", () => {
    const long = templateProfile({ ...OPTIONS, algorithm: "hmac-sha512" });
    expect(verify(signedWith(long))).toMatchObject({
      denied: "PROOF_MALFORMED",
      details: { part: "x-hook-signature", expected: "hmac-sha256 in hex" },
    });
  });

  describe("in a list", () => {
    const MAC_OF_LIST = hmacHex(`1700000000.${ORDER.body}`);
    const OTHER = "0".repeat(64);
    const withList = (value: string) => carrying(ORDER, [["Hook-Signature", value]]);

    it.each([
      ["first", `t=1700000000,v1=${MAC_OF_LIST},v1=${OTHER}`],
      ["last, behind what the profile does not know", `v0=none,t=1700000000,v1=${OTHER},x,v1=${MAC_OF_LIST}`],
      ["alone", `v1=${MAC_OF_LIST},t=1700000000`],
    ])("accepts the right one %s, whose claim is the same", (_, value) => {
      const alone = verify(signedWith(listed), listed);
      expect(verify(withList(value), listed)).toEqual(alone);
      expect(alone).toMatchObject({ keyId: KEY.id });
    });

    it.each([
      ["only wrong ones", `t=1700000000,v1=${OTHER},v1=${OTHER}`, "SIGNATURE_INVALID"],
      ["the right one under a version that the profile does not know", `t=1700000000,v0=${MAC_OF_LIST}`, "PROOF_MALFORMED"],
      ["the right one beside a malformed one", `t=1700000000,v1=${MAC_OF_LIST},v1=AA`, "PROOF_MALFORMED"],
      ["seventeen", `t=1700000000${`,v1=${MAC_OF_LIST}`.repeat(17)}`, "PROOF_MALFORMED"],
      ["two timestamps", `t=1700000000,t=1700000000,v1=${MAC_OF_LIST}`, "PROOF_MALFORMED"],
      ["no timestamp", `v1=${MAC_OF_LIST}`, "PROOF_MALFORMED"],
      ["white space between items", `t=1700000000, v1=${MAC_OF_LIST}`, "PROOF_MALFORMED"],
      ["4 KiB", `t=1700000000,v1=${MAC_OF_LIST},${"x".repeat(4096)}`, "PROOF_MALFORMED"],
    ])("refuses %s", (_, value, code) => {
      expect(verify(withList(value), listed)).toMatchObject({ denied: code });
    });
  });
});

describe("a URL with a form", () => {
  const form = templateProfile({
    ...BODY_ONLY,
    name: "form",
    algorithm: "hmac-sha1",
    encoding: "base64",
    segments: [{ kind: "url-with-form", scheme: "https", bodySha256Parameter: "bodySHA256" }],
    signature: { header: "X-Form-Signature" },
  });
  const sha1 = (base: string) => createHmac("sha1", SECRET_TEXT).update(base).digest("base64");
  const FORM = { ...ORDER, target: "/hook?x=1", headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"] as Header] };

  it("is the URL and the decoded pairs, by name, then value", () => {
    const message = { ...FORM, body: Buffer.from("b=2&a=%C3%A4+1&B=3&a=0") };
    expect(headerOf(signedWith(form, message), "x-form-signature")).toBe(sha1("https://api.partner.example/hook?x=1B3a0aä 1b2"));
    expect(verify(signedWith(form, message), form)).toMatchObject({ keyId: KEY.id });
  });

  it("is the URL alone without a body", () => {
    expect(headerOf(signedWith(form, { ...FORM, body: new Uint8Array() }), "x-form-signature")).toBe(
      sha1("https://api.partner.example/hook?x=1"),
    );
  });

  it.each([
    ["bytes", Buffer.from("a=\xff", "latin1")],
    ["escapes", Buffer.from("a=%FF")],
  ])("refuses %s that are not UTF-8", (_, body) => {
    expect(() => form.sign({ ...FORM, body }, KEY, AT)).toThrow("INPUT_INVALID: body: expected a form in UTF-8");
  });

  const json = Buffer.from("{}");
  const sha256Hex = createHash("sha256").update(json).digest("hex");
  it("covers another body by its hash in the query", () => {
    const message = { ...ORDER, target: `/hook?bodySHA256=${sha256Hex}`, body: json };
    const signed = signedWith(form, message);
    expect(verify(signed, form)).toMatchObject({ keyId: KEY.id });
    expect(verify({ ...signed, body: Buffer.from("[]") }, form)).toMatchObject({ denied: "SIGNATURE_INVALID", details: { part: "body" } });
  });

  it.each([
    ["another body without its hash", "/hook"],
    ["two hashes", `/hook?bodySHA256=${sha256Hex}&bodySHA256=${sha256Hex}`],
    ["a hash in capitals", `/hook?bodySHA256=${sha256Hex.toUpperCase()}`],
  ])("refuses %s", (_, target) => {
    const message = { ...ORDER, target, body: json };
    const forged = carrying(message, [["X-Form-Signature", sha1(`https://api.partner.example${target}`)]]);
    expect(verify(forged, form)).toMatchObject({ denied: "SIGNATURE_INVALID", details: { part: "body" } });
    expect(() => form.sign(message, KEY, AT)).toThrow(
      "INPUT_INVALID: body: expected a form in UTF-8, or its SHA-256 in the query parameter bodySHA256",
    );
  });
});
