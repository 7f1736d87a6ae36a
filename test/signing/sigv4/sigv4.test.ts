import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../../lib/errors.js";
import { SecretValue } from "../../../lib/secret-value.js";
import type { Header, SignableMessage } from "../../../lib/signing/message.js";
import type { SigningProfile } from "../../../lib/signing/profile.js";
import { formatAmzDate } from "../../../lib/signing/sigv4/amz-date.js";
import type { Sigv4Key } from "../../../lib/signing/sigv4/rules.js";
import { type Sigv4Options, sigv4Profile } from "../../../lib/signing/sigv4/sigv4.js";
import { withProof } from "../../../lib/signing/with-proof.js";
import { carrying, headerOf, withHeader } from "../messages.js";
import { AT, KEY, keyFor, NOW, ORDER, OTHER_KEY, SCOPE, SECRET_TEXT, signedWith } from "./requests.js";

const header = sigv4Profile(SCOPE);
const query = sigv4Profile({ ...SCOPE, form: "query" });
const s3 = sigv4Profile({ service: "s3", region: "eu-west-1", s3: true });
const FORMS = [
  ["header", header],
  ["query", query],
] as const;

const verify = (message: SignableMessage, profile: SigningProfile = header, now = NOW) => profile.verify(message, keyFor, now);
const malformed = (part: string) => ({ denied: "PROOF_MALFORMED", details: { part } });
const invalid = { denied: "SIGNATURE_INVALID", details: { part: "signature", keyId: KEY.id } };
const good = { keyId: KEY.id, timestampSeconds: AT.timestampSeconds };

/** The message with its Authorization, or its target, rewritten. */
const edited = (message: SignableMessage, from: string | RegExp, to: string): SignableMessage => {
  const authorization = headerOf(message, "authorization");
  const [before, after] =
    authorization === "" ? [message.target, message.target.replace(from, to)] : [authorization, authorization.replace(from, to)];
  expect(after).not.toBe(before);
  return authorization === "" ? { ...message, target: after } : withHeader(message, "authorization", after);
};

/** A proof made by hand for any covered headers, as an attacker who has a key can make it. */
function forged(message: SignableMessage, signedHeaders: string, key: Sigv4Key = KEY): SignableMessage {
  const date = formatAmzDate(AT.timestampSeconds)!;
  const scope = `${date.slice(0, 8)}/eu-west-1/execute-api/aws4_request`;
  const dated = withProof(message, header, [["X-Amz-Date", date]]);
  const lines = signedHeaders
    .split(";")
    .map((name) => `${name}:${headerOf(dated, name)}\n`)
    .join("");
  const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
  const canonical = `${message.method}\n/v2/orders\npage=2&q=a%2Fb\n${lines}\n${signedHeaders}\n${sha256(message.body as Uint8Array)}`;
  const derived = scope
    .split("/")
    .reduce<Buffer>((of, part) => createHmac("sha256", of).update(part).digest(), Buffer.from(`AWS4${key.secret.revealText()}`));
  const signature = createHmac("sha256", derived)
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`)
    .digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return carrying(dated, [["Authorization", authorization]]);
}

describe("sigv4Profile", () => {
  it.each<[what: string, options: object, message: string]>([
    ["an unknown form", { form: "both" }, "form: expected header or query"],
    ["a form that Object.prototype has", { form: "toString" }, "form: expected header or query"],
    ["an unknown payload", { payload: "none" }, "payload: expected signed or unsigned or chunked or chunked-trailer"],
    ["a payload that Object.prototype has", { payload: "constructor" }, "payload: expected signed"],
    ["chunks in a presigned target", { form: "query", payload: "chunked" }, "payload: expected chunks with sigv4 in the header form only"],
    ["a window of 0 s", { windowSeconds: 0 }, "windowSeconds: expected a whole number from 1 to 86400"],
    ["half a second", { windowSeconds: 1.5 }, "windowSeconds: expected a whole number from 1 to 86400"],
    ["more than a day", { windowSeconds: 86_401 }, "windowSeconds: expected a whole number from 1 to 86400"],
    ["more than a week presigned", { form: "query", windowSeconds: 604_801 }, "windowSeconds: expected a whole number from 1 to 604800"],
    ["a name with a colon", { name: "a:b" }, "name: expected 1 to 128 characters A-Z a-z 0-9 . _ -"],
    ["no region", { region: "" }, "region: expected 1 to 64 characters A-Z a-z 0-9 . _ -"],
    ["a region that is a scope", { region: "eu-west-1/s3" }, "region: expected 1 to 64 characters"],
    ["no service", { service: "" }, "service: expected 1 to 64 characters"],
  ])("refuses %s", (_, options, message) => {
    expect(() => sigv4Profile({ ...SCOPE, ...options } as Sigv4Options)).toThrow(`INPUT_INVALID: ${message}`);
  });
});

describe("sign", () => {
  it("adds the date, then the Authorization, and covers all but what hops change", () => {
    expect(header.sign(ORDER, KEY, AT)).toEqual([
      ["X-Amz-Date", "20231114T221320Z"],
      [
        "Authorization",
        expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIACANARY1\/20231114\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
        ),
      ],
    ]);
  });

  it("says where the proof goes, and withProof puts it there", () => {
    expect([header.proofIn, query.proofIn]).toEqual([undefined, "query"]);
    const presigned = signedWith(query, { ...ORDER, target: "/v2/orders" });
    expect(presigned.headers).toBe(ORDER.headers);
    expect(presigned.target).toMatch(
      /^\/v2\/orders\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIACANARY1%2F20231114%2Feu-west-1%2Fexecute-api%2Faws4_request&X-Amz-Date=20231114T221320Z&X-Amz-Expires=300&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target&X-Amz-Signature=[0-9a-f]{64}$/,
    );
  });

  it("carries and covers the session token of temporary credentials", () => {
    const key: Sigv4Key = { ...KEY, sessionToken: new SecretValue("canary/token+1==") };
    for (const [, profile] of FORMS) {
      const signed = signedWith(profile, ORDER, key);
      expect(verify(signed, profile)).toMatchObject(good);
      const swapped = profile === header ? withHeader(signed, "x-amz-security-token", "other") : edited(signed, "canary%2Ftoken", "other");
      expect(verify(swapped, profile)).toMatchObject(invalid);
    }
  });

  it("adds the session token after signing for a service that asks for it", () => {
    const key: Sigv4Key = { ...KEY, sessionToken: new SecretValue("canary/token+1==") };
    for (const form of ["header", "query"] as const) {
      const profile = sigv4Profile({ ...SCOPE, form, unsignedSessionToken: true });
      const proof = profile.sign(ORDER, key, AT);
      expect(proof).toContainEqual(["X-Amz-Security-Token", "canary/token+1=="]);
      const bare = profile.sign(ORDER, KEY, AT);
      expect(proof.filter(([name]) => name !== "X-Amz-Security-Token")).toEqual(bare);
      expect(verify(withProof(ORDER, profile, proof), profile)).toMatchObject(good);
    }
  });

  it.each(["", "a b", "a\r\nX-Injected: 1", "ä"])("refuses the session token %j, also where it is not signed", (token) => {
    const key: Sigv4Key = { ...KEY, sessionToken: new SecretValue(token) };
    for (const unsignedSessionToken of [false, true]) {
      const sign = () => sigv4Profile({ ...SCOPE, unsignedSessionToken }).sign(ORDER, key, AT);
      expect(sign).toThrow("INPUT_INVALID: key.sessionToken: expected visible ASCII characters");
    }
  });

  it("carries the hash of the body for S3, and where it is asked for", () => {
    const sha256Hex = createHash("sha256")
      .update(ORDER.body as Uint8Array)
      .digest("hex");
    for (const profile of [s3, sigv4Profile({ ...SCOPE, contentSha256Header: true })]) {
      expect(profile.sign(ORDER, KEY, AT)).toContainEqual(["X-Amz-Content-Sha256", sha256Hex]);
      expect(profile.sign({ ...ORDER, body: { sha256Hex } }, KEY, AT)).toEqual(profile.sign(ORDER, KEY, AT));
    }
    expect(header.sign(ORDER, KEY, AT).map(([name]) => name)).not.toContain("X-Amz-Content-Sha256");
  });

  it.each(FORMS)("throws SECRET_TOO_SHORT for an empty secret (%s)", (_, profile) => {
    const sign = () => profile.sign(ORDER, { id: KEY.id, secret: new SecretValue("") }, AT);
    expect(sign).toThrow(expect.objectContaining({ code: "SECRET_TOO_SHORT", details: { keyId: KEY.id } }));
  });

  it.each<[what: string, change: Partial<SignableMessage>, problem: string]>([
    ["an Authorization", { headers: [["authorization", ""]] }, "authorization: expected no such header or parameter, signing adds it"],
    ["a date", { headers: [["X-AMZ-DATE", ""]] }, "x-amz-date: expected no such header or parameter"],
    ["a hash of the body", { headers: [["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"]] }, "x-amz-content-sha256: expected no such"],
    ["a session token", { headers: [["X-Amz-Security-Token", "a"]] }, "x-amz-security-token: expected no such"],
    ["a signature in the query", { target: "/?x-amz-signature=0" }, "x-amz-signature: expected no such"],
    ["an escaped one", { target: "/?X%2dAmz-Credential=0" }, "x-amz-credential: expected no such"],
    ["another Host", { headers: [["Host", "api.attacker.example"]] }, "host: expected the authority of the message"],
    [
      "a line break in a header",
      { headers: [["X-Note", "a\nx-amz-acl:public"]] },
      "x-note: expected printable ASCII characters in one line",
    ],
    ["a line break in a header's name", { headers: [["X-Note:a\nX-Amz-Acl", "public"]] }, "headers: expected names that are tokens"],
    ["an umlaut in a header", { headers: [["X-Note", "ä"]] }, "x-note: expected printable ASCII characters in one line"],
    ["a plus in the query", { target: "/?q=a+b" }, "target: expected escapes of UTF-8, in the query %20 for a space and %2B for a plus"],
    ["a broken escape in the query", { target: "/?q=%zz" }, "target: expected escapes of UTF-8"],
    ["an escape that is not UTF-8 in the query", { target: "/?q=%ff" }, "target: expected escapes of UTF-8"],
    ["a fragment", { target: "/#top" }, "target: expected a path and perhaps a query"],
    ["an absolute-form target", { target: "https://api.attacker.example/" }, "target: expected a path and perhaps a query"],
    ["a space in the target", { target: "/a b" }, "target: expected 1 to 16384 visible ASCII characters"],
    ["a line break in the method", { method: "GET\n/" }, "method: expected an HTTP method of at most 32 characters"],
  ])("refuses a message with %s", (_, change, problem) => {
    for (const [, profile] of FORMS) expect(() => profile.sign({ ...ORDER, ...change }, KEY, AT)).toThrow(`INPUT_INVALID: ${problem}`);
  });

  it.each([
    ["half a second", 1_700_000_000.5],
    ["milliseconds", NOW],
    ["no time at all", Number.NaN],
    ["a time before 2001", 999_999_999],
  ])("refuses %s", (_, timestampSeconds) => {
    const sign = () => header.sign(ORDER, KEY, { timestampSeconds, nonce: "" });
    expect(sign).toThrow("INPUT_INVALID: timestampSeconds: expected whole Unix seconds from 2001 to 9999");
  });

  it("refuses a key id that a credential cannot hold unambiguously", () => {
    expect(() => header.sign(ORDER, { ...KEY, id: "a/b" }, AT)).toThrow("INPUT_INVALID: key.id: expected 1 to 128 characters");
  });

  it("refuses to sign for chunks without the length that they decode to", () => {
    const chunked = sigv4Profile({ ...SCOPE, payload: "chunked" });
    expect(() => chunked.sign(ORDER, KEY, AT)).toThrow("INPUT_INVALID: x-amz-decoded-content-length: expected the header");
  });
});

describe("verify", () => {
  const characters = [..."abcXYZ019-._~!$'()*,;:@=%20/"];
  const anyText = (minLength: number) =>
    fc.array(fc.constantFrom(...characters.filter((one) => one !== "%")), { minLength, maxLength: 12 }).map((one) => one.join(""));
  const anySegment = anyText(1).filter((segment) => !segment.includes("/") && segment !== "." && segment !== "..");
  const anyMessage: fc.Arbitrary<SignableMessage> = fc.record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
    authority: fc.constantFrom("api.partner.example", "localhost:8443"),
    target: fc
      .tuple(fc.array(anySegment, { maxLength: 4 }), fc.array(fc.tuple(anyText(1), anyText(0)), { maxLength: 4 }))
      .map(
        ([segments, pairs]) =>
          `/${segments.join("/")}${pairs.length > 0 ? "?" : ""}${pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")}`,
      ),
    headers: fc.array(fc.tuple(fc.constantFrom("Content-Type", "X-Amz-Meta-A", "X-Note", "User-Agent"), anyText(0)), { maxLength: 5 }),
    body: fc.uint8Array({ maxLength: 300 }),
  });
  const anyOptions = fc.record({
    form: fc.constantFrom("header" as const, "query" as const),
    s3: fc.boolean(),
    payload: fc.constantFrom("signed" as const, "unsigned" as const),
    windowSeconds: fc.integer({ min: 1, max: 86_400 }),
  });
  const anySeconds = fc.integer({ min: 1_000_000_000, max: 9_999_999_999 });

  it("inverts sign", () => {
    fc.assert(
      fc.property(anyMessage, anyOptions, anySeconds, (message, options, timestampSeconds) => {
        const profile = sigv4Profile({ ...SCOPE, ...options });
        const signed = signedWith(profile, message, KEY, { timestampSeconds, nonce: "" });
        const { windowSeconds } = options;
        for (const now of [timestampSeconds, timestampSeconds + windowSeconds, timestampSeconds - Math.min(windowSeconds, 300)]) {
          expect(verify(signed, profile, now * 1000)).toEqual({
            keyId: KEY.id,
            claim: expect.stringMatching(/^[0-9]{10}:sigv4:AKIACANARY1:[0-9a-f]{64}$/),
            timestampSeconds,
            expiresAtMs: (timestampSeconds + windowSeconds) * 1000,
          });
        }
        expect(verify(signed, profile, (timestampSeconds + windowSeconds) * 1000 + 1)).toMatchObject({
          denied: "TIMESTAMP_OUTSIDE_WINDOW",
        });
      }),
    );
  });

  describe("refuses a changed request:", () => {
    const changes: [what: string, change: (signed: SignableMessage) => SignableMessage][] = [
      ["method", (signed) => ({ ...signed, method: "PUT" })],
      ["case of the method", (signed) => ({ ...signed, method: "post" })],
      ["authority", (signed) => ({ ...withHeader(signed, "host", undefined), authority: "api.attacker.example" })],
      ["port of the authority", (signed) => ({ ...withHeader(signed, "host", undefined), authority: "api.partner.example:8443" })],
      ["path", (signed) => ({ ...signed, target: signed.target.replace("orders", "refunds") })],
      ["spelling of the path", (signed) => ({ ...signed, target: signed.target.replace("orders", "%6frders") })],
      ["value in the query", (signed) => ({ ...signed, target: signed.target.replace("page=2", "page=3") })],
      ["a pair more in the query", (signed) => ({ ...signed, target: signed.target.replace("page=2", "page=2&page=3") })],
      ["a pair fewer in the query", (signed) => ({ ...signed, target: signed.target.replace("page=2&", "") })],
      ["content type", (signed) => withHeader(signed, "content-type", "text/plain")],
      ["x-amz- header", (signed) => withHeader(signed, "x-amz-target", "Orders.Delete")],
      ["x-amz- header twice", (signed) => carrying(signed, [["x-amz-target", "Orders.Delete"]])],
      ["body", (signed) => ({ ...signed, body: Buffer.from('{"amount":1201,"currency":"eur"}') })],
      ["body, emptied", (signed) => ({ ...signed, body: new Uint8Array() })],
      ["body, as a hash", (signed) => ({ ...signed, body: { sha256Hex: "0".repeat(64) } })],
      ["signature", (signed) => edited(signed, /(?<=Signature=)[0-9a-f]{64}$/, "0".repeat(64))],
      ["secret", () => signedWith(header, ORDER, { ...KEY, secret: OTHER_KEY.secret })],
    ];
    it.each(changes)("%s (header)", (_, change) => {
      expect(verify(change(signedWith(header)))).toMatchObject(invalid);
    });

    it.each(changes.slice(0, -1))("%s (query)", (_, change) => {
      expect(verify(change(signedWith(query)), query)).toMatchObject(invalid);
    });

    it.each(FORMS)("any one bit of the signature (%s)", (_, profile) => {
      const signed = signedWith(profile);
      const [mac] = /[0-9a-f]{64}$/.exec(headerOf(signed, "authorization") || signed.target)!;
      for (let bit = 0; bit < 256; bit++) {
        const flipped = Buffer.from(mac, "hex");
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(edited(signed, mac, flipped.toString("hex")), profile)).toMatchObject(invalid);
      }
    });

    it("an expiry that was prolonged", () => {
      const signed = signedWith(sigv4Profile({ ...SCOPE, form: "query", windowSeconds: 60 }));
      expect(verify(edited(signed, "X-Amz-Expires=60", "X-Amz-Expires=61"), query)).toMatchObject(invalid);
    });
  });

  it("takes two spellings of one query for one request, and gives them one claim", () => {
    const respelled: SignableMessage = { ...signedWith(header), target: "/v2/orders?q=a/b&page=2" };
    expect(verify(respelled)).toEqual(verify(signedWith(header)));
  });

  describe("refuses a request that can be read in two ways:", () => {
    it.each([
      ["a dot segment", "/v2/./orders?page=2&q=a%2Fb"],
      ["a way up", "/v2/x/../orders?page=2&q=a%2Fb"],
      ["a doubled slash", "/v2//orders?page=2&q=a%2Fb"],
      ["a way up at the end", "/v2/orders/x/..?page=2&q=a%2Fb"],
      ["a plus for an escaped plus", "/v2/orders?page=2&q=a+b"],
    ])("%s", (_, target) => {
      expect(verify({ ...signedWith(header), target })).toMatchObject(malformed("target"));
    });

    it("an encoded slash where S3 decodes the path", () => {
      const signed = signedWith(s3, { ...ORDER, target: "/bucket/a/b" });
      expect(verify(signed, s3)).toMatchObject(good);
      expect(verify({ ...signed, target: "/bucket/a%2fb" }, s3)).toMatchObject(malformed("target"));
    });

    it("a Host that is not the authority", () => {
      expect(verify(withHeader(signedWith(header), "host", "api.attacker.example"))).toMatchObject(malformed("host"));
      expect(verify(carrying(signedWith(header), [["HOST", "api.attacker.example"]]))).toMatchObject(malformed("host"));
    });
  });

  it("keeps S3's dot segments and doubled slashes, which name other objects there", () => {
    const signed = signedWith(s3, { ...ORDER, target: "/bucket/a/../b//c" });
    expect(verify(signed, s3)).toMatchObject(good);
    expect(verify({ ...signed, target: "/bucket/b/c" }, s3)).toMatchObject(invalid);
  });

  describe("lets nothing that carries meaning stand outside the signature:", () => {
    it("takes a proof made by hand", () => {
      expect(verify(forged(ORDER, "content-type;host;x-amz-date;x-amz-target"))).toMatchObject(good);
    });

    it.each([
      ["an unsigned host", "content-type;x-amz-date;x-amz-target", "host among them"],
      ["an unsigned date", "content-type;host;x-amz-target", "content-type and every x-amz- header of the message among them"],
      ["an unsigned content type", "host;x-amz-date;x-amz-target", "content-type and every x-amz- header of the message among them"],
      ["an unsigned x-amz- header", "content-type;host;x-amz-date", "content-type and every x-amz- header of the message among them"],
      ["a signed header that is absent", "content-type;host;x-amz-acl;x-amz-date;x-amz-target", "only headers that the message has"],
      ["names out of order", "host;content-type;x-amz-date;x-amz-target", "names in lower case, sorted, each once"],
      ["a name twice", "content-type;host;host;x-amz-date;x-amz-target", "names in lower case, sorted, each once"],
      ["a name in upper case", "Content-Type;host;x-amz-date;x-amz-target", "names in lower case, sorted, each once"],
      ["an empty name", ";content-type;host;x-amz-date;x-amz-target", "names in lower case, sorted, each once"],
    ])("%s", (_, signedHeaders, expected) => {
      expect(verify(forged(ORDER, signedHeaders))).toEqual({ denied: "PROOF_MALFORMED", details: { part: "signedheaders", expected } });
    });

    it("an x-amz- header added on the way, in any case", () => {
      for (const name of ["x-amz-acl", "X-AMZ-Copy-Source", "X-Amz-Security-Token"]) {
        expect(verify(carrying(signedWith(header), [[name, "a"]]))).toMatchObject(malformed("signedheaders"));
        expect(verify(carrying(signedWith(query), [[name, "a"]]), query)).toMatchObject(malformed("signedheaders"));
      }
    });

    it("an x-amz- parameter added on the way", () => {
      const signed = signedWith(query);
      expect(verify({ ...signed, target: `${signed.target}&x-amz-acl=public-read` }, query)).toMatchObject(invalid);
      expect(verify({ ...signed, target: `${signed.target}&X-Amz-Security-Token=a` }, query)).toMatchObject(invalid);
    });
  });

  describe("takes the scope from the profile (scope confusion):", () => {
    it.each<[what: string, change: Partial<Sigv4Options>]>([
      ["another region", { region: "eu-west-2" }],
      ["another service", { service: "s3" }],
      ["region and service exchanged", { region: SCOPE.service, service: SCOPE.region }],
    ])("%s", (_, change) => {
      for (const [form, profile] of FORMS) {
        const elsewhere = sigv4Profile({ ...SCOPE, ...change, form });
        expect(verify(signedWith(elsewhere), profile)).toEqual({
          denied: "PROOF_MALFORMED",
          details: { part: "credential", expected: "the key id and /20231114/eu-west-1/execute-api/aws4_request" },
        });
      }
    });

    it.each<[what: string, from: string, to: string, part: string]>([
      ["another day than the date's", "/20231114/", "/20231113/", "credential"],
      ["another terminator", "aws4_request", "aws4_requests", "credential"],
      ["no key id", "AKIACANARY1/", "/", "credential"],
      ["a part more", "AKIACANARY1/", "AKIACANARY1/AKIACANARY2/", "credential"],
      ["a credential without a scope", /\/2023.*?(?=, )/.exec(headerOf(signedWith(header), "authorization"))![0], "", "credential"],
      ["the other algorithm", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "algorithm"],
      ["no algorithm", "AWS4-HMAC-SHA256", "NONE", "algorithm"],
      ["an algorithm in lower case", "AWS4-HMAC-SHA256", "aws4-hmac-sha256", "authorization"],
    ])("%s", (_, from, to, part) => {
      expect(verify(edited(signedWith(header), from, to))).toMatchObject(malformed(part));
    });

    it("does not take the proof of one form for the other's", () => {
      expect(verify(signedWith(header), query)).toEqual({ denied: "PROOF_MISSING", details: { expected: ["X-Amz-Signature"] } });
      expect(verify(signedWith(query))).toEqual({ denied: "PROOF_MISSING", details: { expected: ["authorization"] } });
    });
  });

  describe("takes the payload mode from the profile:", () => {
    const carries = sigv4Profile({ ...SCOPE, contentSha256Header: true });
    const unsigned = sigv4Profile({ ...SCOPE, payload: "unsigned" });

    it("refuses an unsigned body where a signed one is due, also without the header", () => {
      expect(verify(signedWith(unsigned), carries)).toMatchObject(malformed("x-amz-content-sha256"));
      expect(verify(signedWith(unsigned), header)).toMatchObject(malformed("x-amz-content-sha256"));
      expect(verify(signedWith(header), carries)).toMatchObject(malformed("x-amz-content-sha256"));
      expect(verify(signedWith(header), unsigned)).toMatchObject(malformed("x-amz-content-sha256"));
    });

    it("refuses a signed body where an unsigned one was agreed on", () => {
      expect(verify(signedWith(carries), unsigned)).toMatchObject(malformed("x-amz-content-sha256"));
    });

    it("takes any body where it is not signed", () => {
      expect(verify({ ...signedWith(unsigned), body: new Uint8Array() }, unsigned)).toMatchObject(good);
    });

    it("compares the body with the hash that was signed", () => {
      expect(verify(signedWith(carries), carries)).toMatchObject(good);
      expect(verify({ ...signedWith(carries), body: new Uint8Array() }, carries)).toEqual({
        denied: "SIGNATURE_INVALID",
        details: { part: "body", expected: "the body that x-amz-content-sha256 is the hash of", keyId: KEY.id },
      });
    });

    it.each(["", "0".repeat(63), "A".repeat(64), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "UNSIGNED-PAYLOAD"])(
      "refuses %j for a hash",
      (value) => {
        expect(verify(withHeader(signedWith(carries), "x-amz-content-sha256", value), carries)).toMatchObject(
          malformed("x-amz-content-sha256"),
        );
      },
    );

    it("refuses two hashes", () => {
      const signed = signedWith(carries);
      const twice = carrying(signed, [["x-amz-content-sha256", headerOf(signed, "x-amz-content-sha256")]]);
      expect(verify(twice, carries)).toMatchObject(malformed("x-amz-content-sha256"));
    });
  });

  describe("reads the Authorization strictly:", () => {
    const signed = signedWith(header);
    it.each<[what: string, from: string | RegExp, to: string, part: string]>([
      ["upper-case hex", /[0-9a-f]{64}$/, "A".repeat(64), "signature"],
      ["a digit too few", /.$/, "", "signature"],
      ["a digit too many", /$/, "0", "signature"],
      ["base64", /[0-9a-f]{64}$/, Buffer.alloc(32).toString("base64"), "signature"],
      ["a space behind", /$/, " ", "authorization"],
      ["a space before", /^/, " ", "authorization"],
      ["two spaces", ", Signature", ",  Signature", "authorization"],
      ["parts in another order", /(Credential=[^,]+), (SignedHeaders=[^,]+)/, "$2, $1", "authorization"],
      ["a part twice", /(Credential=[^,]+), /, "$1, $1, ", "authorization"],
      ["a part missing", /Credential=[^,]+, /, "", "authorization"],
      ["a part of its own", /$/, ", Admin=true", "authorization"],
      ["another scheme", /^.*$/, "Bearer canary", "authorization"],
      ["nothing", /^.*$/, "", "authorization"],
      ["8 KiB", "SignedHeaders=", `SignedHeaders=${"a;".repeat(4096)}`, "authorization"],
    ])("%s", (_, from, to, part) => {
      expect(verify(edited(signed, from, to))).toMatchObject(malformed(part));
    });

    it("takes the parts without spaces between them, as S3's documentation writes them", () => {
      expect(verify(edited(signed, /, /g, ","))).toMatchObject(good);
    });

    it.each(["authorization", "x-amz-date"])("%s twice, even with one value", (name) => {
      const twice = carrying(signed, [[name.toUpperCase(), headerOf(signed, name)]]);
      expect(verify(twice)).toMatchObject(malformed(name));
    });

    it.each([
      "20231114T221320",
      "2023-11-14T22:13:20Z",
      "20231114T221360Z",
      "20230230T221320Z",
      "20231114t221320z",
      "2023111T2213200Z",
      "",
    ])("the date %j", (date) => {
      expect(verify(withHeader(signed, "x-amz-date", date))).toMatchObject(malformed("x-amz-date"));
    });

    it("a request without any proof", () => {
      expect(verify(ORDER)).toEqual({ denied: "PROOF_MISSING", details: { expected: ["authorization"] } });
    });
  });

  describe("reads a presigned target strictly:", () => {
    const signed = signedWith(query);
    const parameters = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];

    it.each(parameters)("%s twice, even with one value (duplicate parameters)", (name) => {
      const [pair] = new RegExp(`${name}=[^&]*`).exec(signed.target)!;
      expect(verify({ ...signed, target: `${signed.target}&${pair}` }, query)).toMatchObject(malformed(name.toLowerCase()));
      const escaped = pair!.replace("Amz", "A%6dz");
      expect(verify({ ...signed, target: `${signed.target}&${escaped}` }, query)).toMatchObject(malformed(name.toLowerCase()));
    });

    it.each(parameters)("%s in another case, alone or beside it", (name) => {
      const [pair] = new RegExp(`${name}=[^&]*`).exec(signed.target)!;
      expect(verify(edited(signed, name, name.toLowerCase()), query)).toMatchObject(malformed(name.toLowerCase()));
      expect(verify({ ...signed, target: `${signed.target}&${pair!.toUpperCase()}` }, query)).toMatchObject(malformed(name.toLowerCase()));
    });

    it.each([
      ["x-amz-algorithm", "algorithm"],
      ["x-amz-credential", "credential"],
      ["x-amz-date", "x-amz-date"],
      ["x-amz-expires", "x-amz-expires"],
      ["x-amz-signedheaders", "signedheaders"],
      ["x-amz-signature", "signature"],
    ])("%s missing", (name, part) => {
      expect(verify(edited(signed, new RegExp(`&${name}=[^&]*`, "i"), ""), query)).toMatchObject(malformed(part));
    });

    it.each(["0", "-1", "1.5", "301", "0300", "3e2", "9999999", "", "300%20"])("an expiry of %j", (expires) => {
      expect(verify(edited(signed, "Expires=300", `Expires=${expires}`), query)).toEqual({
        denied: "PROOF_MALFORMED",
        details: { part: "x-amz-expires", expected: "whole seconds from 1 to 300" },
      });
    });

    it("accepts its parameters in any order", () => {
      const [path, ...pairs] = signed.target.split(/[?&]/);
      expect(verify({ ...signed, target: `${path}?${pairs.reverse().join("&")}` }, query)).toEqual(verify(signed, query));
    });
  });

  describe("judges keys:", () => {
    it("refuses an unknown key id", () => {
      expect(verify(signedWith(header, ORDER, { ...KEY, id: "AKIACANARY3" }))).toEqual({
        denied: "CALLER_UNKNOWN",
        details: { part: "credential", expected: "the id of a key of this profile", keyId: "AKIACANARY3" },
      });
    });

    it("does as much for an unknown key id as for a known one, whether fresh or stale", () => {
      for (const now of [NOW, NOW + 300_001]) {
        const hashed = [KEY.id, "AKIACANARY3"].map((id) => {
          let reads = 0;
          const body = {
            get sha256Hex() {
              reads++;
              return "0".repeat(64);
            },
          };
          const denial = verify({ ...signedWith(header, ORDER, { id, secret: OTHER_KEY.secret }), body }, header, now);
          expect(isDenial(denial)).toBe(true);
          return reads;
        });
        expect(hashed[0]).toBe(hashed[1]);
        expect(hashed[0]! > 0).toBe(now === NOW);
      }
    });

    it("refuses an empty secret, also when the signature was made with it", () => {
      const empty = { id: KEY.id, secret: new SecretValue("") };
      const signed = forged(ORDER, "content-type;host;x-amz-date;x-amz-target", empty);
      expect(header.verify(signed, () => empty.secret, NOW)).toEqual({
        denied: "SECRET_TOO_SHORT",
        details: { expected: "a secret of at least one byte", keyId: KEY.id },
      });
    });

    it("sees a secret that was rotated under one key id at once, in signing and in verifying", () => {
      const profile = sigv4Profile(SCOPE);
      const rotated = { id: KEY.id, secret: new SecretValue("canary-rotated") };
      const [before, after] = [signedWith(profile), signedWith(profile, ORDER, rotated)];
      expect(profile.verify(before, () => KEY.secret, NOW)).toMatchObject(good);
      expect(profile.verify(before, () => rotated.secret, NOW)).toMatchObject(invalid);
      expect(profile.verify(after, () => rotated.secret, NOW)).toMatchObject(good);
      expect(after).toEqual(signedWith(sigv4Profile(SCOPE), ORDER, rotated));
    });
  });

  describe("keeps the window exactly:", () => {
    const outside = {
      denied: "TIMESTAMP_OUTSIDE_WINDOW",
      details: { part: "x-amz-date", expected: "at most 300 s before and 300 s after its time", timestampSeconds: AT.timestampSeconds },
    };

    it.each([
      ["accepts 300 s late", NOW + 300_000, { expiresAtMs: NOW + 300_000 }],
      ["refuses 1 ms later", NOW + 300_001, outside],
      ["accepts 300 s early", NOW - 300_000, { expiresAtMs: NOW + 300_000 }],
      ["refuses 1 ms earlier", NOW - 300_001, outside],
      ["refuses a fraction of a millisecond later", NOW + 300_000.5, outside],
      ["refuses a clock that is not a number", Number.NaN, outside],
      ["refuses an endless clock", Infinity, outside],
    ])("%s", (_, now, expected) => {
      for (const [, profile] of FORMS) expect(verify(signedWith(profile), profile, now)).toMatchObject(expected);
    });

    it("takes a presigned target until it says it ends, not until the verifier's own limit", () => {
      const minute = signedWith(sigv4Profile({ ...SCOPE, form: "query", windowSeconds: 60 }));
      expect(verify(minute, query, NOW + 60_000)).toMatchObject({ expiresAtMs: NOW + 60_000 });
      expect(verify(minute, query, NOW + 60_001)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
    });

    it("refuses a presigned target from the future, however long it lives", () => {
      const week = sigv4Profile({ ...SCOPE, form: "query", windowSeconds: 604_800 });
      expect(verify(signedWith(week), week, NOW + 604_800_000)).toMatchObject({ expiresAtMs: NOW + 604_800_000 });
      expect(verify(signedWith(week), week, NOW - 300_000)).toMatchObject(good);
      expect(verify(signedWith(week), week, NOW - 300_001)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
    });

    it("has another key on another day, and both days' keys at midnight", () => {
      const midnight = 1_700_006_400;
      for (const timestampSeconds of [midnight - 1, midnight, midnight - 1]) {
        const signed = signedWith(header, ORDER, KEY, { timestampSeconds, nonce: "" });
        expect(verify(signed, header, midnight * 1000)).toMatchObject({ timestampSeconds });
      }
    });
  });

  it("judges syntax, then coverage, key, time, signature and body", () => {
    const carries = sigv4Profile({ ...SCOPE, contentSha256Header: true });
    const body: SignableMessage = { ...signedWith(carries), body: new Uint8Array() };
    const signature = edited(body, /[0-9a-f]{64}$/, "0".repeat(64));
    const key = edited(signature, "AKIACANARY1", "AKIACANARY3");
    const coverage = edited(key, "content-type;", "");
    const syntax = edited(coverage, "Signature=", "signature=");
    const late = NOW + 300_001;
    expect(verify(syntax, carries, late)).toMatchObject(malformed("authorization"));
    expect(verify(coverage, carries, late)).toMatchObject(malformed("signedheaders"));
    expect(verify(key, carries, late)).toMatchObject({ denied: "CALLER_UNKNOWN" });
    expect(verify(signature, carries, late)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
    expect(verify(signature, carries)).toMatchObject(invalid);
    expect(verify(body, carries)).toMatchObject({ denied: "SIGNATURE_INVALID", details: { part: "body" } });
    expect(() => carries.verify(coverage, expect.unreachable, NOW)).not.toThrow();
  });

  it("names neither secret nor right signature in a denial", () => {
    const signed = signedWith(header);
    const [right] = /[0-9a-f]{64}$/.exec(headerOf(signed, "authorization"))!;
    const attempts = [
      edited(signed, right!, "0".repeat(64)),
      edited(signed, right!, right!.toUpperCase()),
      edited(signed, "AKIACANARY1", "AKIACANARY3"),
      edited(signed, "/eu-west-1/", "/eu-west-2/"),
      carrying(signed, [["x-amz-acl", "a"]]),
      ORDER,
    ];
    for (const now of [NOW, NOW + 300_001]) {
      for (const attempt of attempts) {
        const denial = verify(attempt, header, now);
        expect(isDenial(denial)).toBe(true);
        expect(JSON.stringify(denial).toLowerCase()).not.toContain(right);
        expect(JSON.stringify(denial)).not.toContain(SECRET_TEXT);
      }
    }
  });
});

describe("claim", () => {
  const claimOf = (message: SignableMessage, profile: SigningProfile = header) => {
    const verified = verify(message, profile);
    if (isDenial(verified)) throw new Error(verified.denied);
    return verified.claim;
  };

  it("is the same for a request that was only spelled differently", () => {
    const signed = signedWith(header);
    const headers = signed.headers.map(([name, value]): Header => [name.toUpperCase(), name === "Host" ? value : ` ${value}  `]);
    const upper = headers.filter(([name]) => !["AUTHORIZATION", "X-AMZ-DATE"].includes(name)).reverse();
    const proof = signed.headers.slice(-2);
    expect(claimOf({ ...signed, headers: [["Via", "1.1 proxy"], ...upper, ...proof] })).toBe(claimOf(signed));
  });

  it.each([
    ["second", signedWith(header, ORDER, KEY, { ...AT, timestampSeconds: AT.timestampSeconds + 1 })],
    ["key", signedWith(header, ORDER, OTHER_KEY)],
    ["body", signedWith(header, { ...ORDER, body: new Uint8Array() })],
    ["path", signedWith(header, { ...ORDER, target: "/v2/refunds" })],
  ])("is another for another %s", (_, message) => {
    expect(claimOf(message)).not.toBe(claimOf(signedWith(header)));
  });

  it("is another for another profile, and holds no signature", () => {
    const renamed = sigv4Profile({ ...SCOPE, name: "partner" });
    expect(claimOf(signedWith(renamed), renamed)).toMatch(/^1700000000:partner:AKIACANARY1:[0-9a-f]{64}$/);
    expect(claimOf(signedWith(header))).not.toContain(/[0-9a-f]{64}$/.exec(headerOf(signedWith(header), "authorization"))![0]);
  });
});
