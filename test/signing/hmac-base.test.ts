import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HMAC_FORMS, type HmacParts, hmacBaseHead } from "../../lib/signing/hmac-base.js";

const PARTS: HmacParts = {
  method: "POST",
  authority: "api.partner.example",
  target: "/v2/orders?page=2&q=a%2Fb",
  contentType: "application/json",
  timestamp: "1700000000",
  nonce: "n0-nce_AAAAAAAAA",
  keyId: "payments-1",
  signature: undefined,
};
const { strict, plain } = HMAC_FORMS;
const COVERED = Object.keys(PARTS).filter((part) => part !== "signature") as (keyof HmacParts)[];

describe("hmacBaseHead", () => {
  it("joins the strict form's lines", () => {
    expect(hmacBaseHead(strict, PARTS)).toBe(
      [
        "POST",
        "api.partner.example",
        "/v2/orders?page=2&q=a%2Fb",
        "content-type:application/json",
        "x-timestamp:1700000000",
        "x-nonce:n0-nce_AAAAAAAAA",
        "x-key-id:payments-1",
        "",
      ].join("\n"),
    );
  });

  it("joins the plain form's lines", () => {
    const lines = ["POST", "/v2/orders?page=2&q=a%2Fb", "content-type:application/json", "x-timestamp:1700000000", ""];
    expect(hmacBaseHead(plain, PARTS)).toBe(lines.join("\n"));
  });

  it("takes an absent content type for an empty one", () => {
    expect(hmacBaseHead(plain, { ...PARTS, contentType: undefined })).toBe(hmacBaseHead(plain, { ...PARTS, contentType: "" }));
    expect(hmacBaseHead(plain, { ...PARTS, contentType: undefined })).toContain("\ncontent-type:\n");
  });

  it("refuses every control and non-ASCII character in every part that it covers, in every place", () => {
    const forbidden = fc.oneof(
      fc.integer({ min: 0, max: 0x1f }),
      fc.constantFrom(0x7f, 0x85, 0xa0, 0xad, 0x131, 0x212a, 0x2028, 0xd800, 0xfeff, 0xff10),
      fc.integer({ min: 0x80, max: 0xffff }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...COVERED), forbidden, fc.nat(), (part, code, place) => {
        const text = PARTS[part]!;
        const at = place % (text.length + 1);
        const forged = { ...PARTS, [part]: text.slice(0, at) + String.fromCharCode(code) + text.slice(at) };
        expect(hmacBaseHead(strict, forged)).toMatchObject({ denied: "PROOF_MALFORMED" });
      }),
      { numRuns: 2000 },
    );
  });

  it("is different for different parts", () => {
    const word = fc.array(fc.constantFrom("A", "1", "-", "_"), { minLength: 16, maxLength: 18 }).map((characters) => characters.join(""));
    const anyParts = fc.record({ method: word, authority: word, target: word, contentType: word, nonce: word, keyId: word });
    fc.assert(
      fc.property(anyParts, anyParts, (left, right) => {
        const [a, b] = [left, right].map((parts) => hmacBaseHead(strict, { ...PARTS, ...parts }));
        expect(a === b).toBe(Object.keys(left).every((part) => left[part as keyof typeof left] === right[part as keyof typeof right]));
      }),
    );
  });

  it.each([
    ["an empty method", { method: "" }, { part: "method", expected: "an HTTP method of at most 32 characters", found: "nothing" }],
    ["a space in the method", { method: "GET /" }, { part: "method", found: "5 characters" }],
    ["an empty authority", { authority: "" }, { part: "authority", expected: "1 to 512 visible ASCII characters", found: "nothing" }],
    ["a space in the authority", { authority: "a b" }, { part: "authority", found: "3 characters" }],
    ["an empty target", { target: "" }, { part: "target", expected: "1 to 16384 visible ASCII characters", found: "nothing" }],
    ["a space in the target", { target: "/a b" }, { part: "target", found: "4 characters" }],
    ["a tab in the content type", { contentType: "text/plain;\tq" }, { part: "content-type", found: "13 characters" }],
    ["a method over 32 characters", { method: "M".repeat(33) }, { part: "method", found: "33 characters" }],
    ["an authority over 512 characters", { authority: "a".repeat(513) }, { part: "authority", found: "513 characters" }],
    ["a target over 16 KiB", { target: "/".repeat(16_385) }, { part: "target", found: "16385 characters" }],
    ["a content type over 1 KiB", { contentType: "t".repeat(1025) }, { part: "content-type", found: "1025 characters" }],
  ])("refuses %s", (_, parts, details) => {
    expect(hmacBaseHead(strict, { ...PARTS, ...parts })).toMatchObject({ denied: "PROOF_MALFORMED", details });
  });

  it("accepts every part at its limit", () => {
    const limits = { method: "M".repeat(32), authority: "a".repeat(512), target: "/".repeat(16_384), contentType: "t".repeat(1024) };
    expect(hmacBaseHead(strict, { ...PARTS, ...limits, nonce: "n".repeat(128), keyId: "k".repeat(128) })).toHaveLength(
      32 + 512 + 16_384 + 1024 + 10 + 128 + 128 + "\n\n\ncontent-type:\nx-timestamp:\nx-nonce:\nx-key-id:\n".length,
    );
  });

  it("does not judge in the plain form what it does not cover", () => {
    const absent = { authority: "", nonce: undefined, keyId: undefined };
    expect(hmacBaseHead(plain, { ...PARTS, ...absent })).toBe(hmacBaseHead(plain, PARTS));
  });
});
