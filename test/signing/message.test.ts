import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodySha256Hex, type Header, headerReader } from "../../lib/signing/message.js";

describe("headerReader", () => {
  const read = headerReader(["content-type", "x-nonce", "x-timestamp"]);

  it("gives values in the order of the names, whatever the case and order on the wire", () => {
    const headers: Header[] = [
      ["X-TIMESTAMP", "3"],
      ["x-nonce", "2"],
      ["Content-Type", "1"],
    ];
    expect(read(headers)).toEqual(["1", "2", "3"]);
  });

  it("tells an absent header from an empty one", () => {
    expect(read([["X-Nonce", ""]])).toEqual([undefined, "", undefined]);
  });

  it("joins duplicates by LF, so that they are never one plausible value", () => {
    const headers: Header[] = [
      ["X-Nonce", "a"],
      ["x-nonce", ""],
      ["X-NONCE", "b"],
    ];
    expect(read(headers)).toEqual([undefined, "a\n\nb", undefined]);
  });

  it("takes no near miss for a header", () => {
    const nearMisses = ["x-nonces", "x_nonce", "x-nonc", " x-nonce", "x-nonce ", "x-nonc\u0435", "X-NONCE:", "X-T\u0130MESTAMP"];
    expect(read(nearMisses.map((name) => [name, "taken"]))).toEqual([undefined, undefined, undefined]);
  });

  it("agrees with a lower-cased lookup on any list", () => {
    const name = fc.constantFrom("X-Nonce", "x-nonce", "X-Timestamp", "Content-Type", "Accept", "X-Nonces");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (headers) => {
        const expected = ["content-type", "x-nonce", "x-timestamp"].map((wanted) => {
          const values = headers.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
          return values.length === 0 ? undefined : values.join("\n");
        });
        expect(read(headers)).toEqual(expected);
      }),
    );
  });
});

describe("bodySha256Hex", () => {
  it("hashes exactly the bytes of a view", () => {
    const abc = Buffer.from("xxabcxx").subarray(2, 5);
    expect(bodySha256Hex(abc)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(bodySha256Hex(new Uint8Array())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("passes a precomputed hash on", () => {
    expect(bodySha256Hex({ sha256Hex: "0123456789abcdef".repeat(4) })).toBe("0123456789abcdef".repeat(4));
  });

  it.each(["", "0".repeat(63), "0".repeat(65), "F".repeat(64), `${"0".repeat(64)}\n`])("refuses %j as a precomputed hash", (sha256Hex) => {
    expect(() => bodySha256Hex({ sha256Hex })).toThrow("INPUT_INVALID: body.sha256Hex: expected 64 lower-case hexadecimal digits");
  });
});
