import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacSha256Hex } from "../../lib/signing/hmac.js";

const repeated = (byte: number, count: number) => Buffer.alloc(count, byte);
const ascii = (text: string) => Buffer.from(text, "ascii");

// https://www.rfc-editor.org/rfc/rfc4231#section-4
// biome-ignore format: one row a test case
const CASES = [
  { name: "4.2, a 20-byte key", key: repeated(0x0b, 20), data: ascii("Hi There"), mac: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { name: "4.3, a key shorter than the output", key: ascii("Jefe"), data: ascii("what do ya want for nothing?"), mac: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { name: "4.4, key and data longer than a block together", key: repeated(0xaa, 20), data: repeated(0xdd, 50), mac: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  { name: "4.5, a 25-byte key", key: Uint8Array.from({ length: 25 }, (_, index) => index + 1), data: repeated(0xcd, 50), mac: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
  { name: "4.6, truncated to 128 bits", key: repeated(0x0c, 20), data: ascii("Test With Truncation"), mac: "a3b6167473100ee06e0c796c2955552b" },
  { name: "4.7, a key longer than a block", key: repeated(0xaa, 131), data: ascii("Test Using Larger Than Block-Size Key - Hash Key First"), mac: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
  { name: "4.8, key and data longer than a block", key: repeated(0xaa, 131), data: ascii("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."), mac: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
];

describe("hmacSha256Hex", () => {
  it.each(CASES)("agrees with RFC 4231 section $name", ({ key, data, mac }) => {
    expect(hmacSha256Hex(new SecretValue(key), data).slice(0, mac.length)).toBe(mac);
  });
});
