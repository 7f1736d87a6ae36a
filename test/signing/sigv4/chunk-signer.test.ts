import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SecretValue } from "../../../lib/secret-value.js";
import type { Header, HeaderList, SignableMessage } from "../../../lib/signing/message.js";
import { decodeAwsChunked } from "../../../lib/signing/sigv4/aws-chunked.js";
import { chunkSigner } from "../../../lib/signing/sigv4/chunk-signer.js";
import type { PayloadName } from "../../../lib/signing/sigv4/payload.js";
import { sigv4Profile } from "../../../lib/signing/sigv4/sigv4.js";
import { withProof } from "../../../lib/signing/with-proof.js";
import { AT, KEY, keyFor, NOW } from "./requests.js";

const TRAILER: Header = ["x-amz-checksum-crc32c", "sOO8/Q=="];
const text = (buffer: Uint8Array) => Buffer.from(buffer).toString("latin1");

describe("the chunked upload of S3's documentation", () => {
  const key = { id: "AKIAIOSFODNN7EXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") };
  const at = { timestampSeconds: Date.parse("2013-05-24T00:00:00Z") / 1000, nonce: "" };
  const upload = (headers: HeaderList): SignableMessage => ({
    method: "PUT",
    authority: "s3.amazonaws.com",
    target: "/examplebucket/chunkObject.txt",
    headers: [
      ["x-amz-storage-class", "REDUCED_REDUNDANCY"],
      ["Content-Encoding", "aws-chunked"],
      ["x-amz-decoded-content-length", "66560"],
      ...headers,
    ],
    body: new Uint8Array(),
  });
  const sent = (payload: PayloadName, message: SignableMessage, trailers?: HeaderList) => {
    const profile = sigv4Profile({ service: "s3", region: "us-east-1", s3: true, payload });
    const proof = profile.sign(message, key, at);
    const signer = chunkSigner(proof, key);
    const body = Buffer.concat([signer.chunk(Buffer.alloc(65_536, "a")), signer.chunk(Buffer.alloc(1024, "a")), signer.end(trailers)]);
    const verified = profile.verify({ ...withProof(message, profile, proof), body }, () => key.secret, at.timestampSeconds * 1000);
    return { seed: proof.at(-1)![1].slice(-64), body: text(body), verified };
  };

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
  it("has its seed and chunk signatures", () => {
    const { seed, body, verified } = sent("chunked", upload([["Content-Length", "66824"]]));
    expect(seed).toBe("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    expect(body).toHaveLength(66_824);
    expect(body.replaceAll(/a{1024,}/g, "…")).toBe(
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n…\r\n" +
        "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n…\r\n" +
        "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
    );
    expect(verified).toMatchObject({ keyId: key.id });
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  it("has its signatures with a trailer", () => {
    const { seed, body, verified } = sent("chunked-trailer", upload([["x-amz-trailer", "x-amz-checksum-crc32c"]]), [TRAILER]);
    expect(seed).toBe("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    expect(body.replaceAll(/a{1024,}/g, "…")).toBe(
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n…\r\n" +
        "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n…\r\n" +
        "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
        "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
        "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    );
    expect(verified).toMatchObject({ keyId: key.id });
  });
});

const S3 = { service: "s3", region: "eu-west-1", s3: true } as const;
const plain = sigv4Profile({ ...S3, payload: "chunked" });
const trailing = sigv4Profile({ ...S3, payload: "chunked-trailer" });

/** A request in chunks; each of its parts can be exchanged before it is verified. */
function upload(chunks: readonly Uint8Array[], { profile = plain, trailers = [] as HeaderList, target = "/bucket/key" } = {}) {
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const message: SignableMessage = {
    method: "PUT",
    authority: "s3.eu-west-1.amazonaws.com",
    target,
    headers: [
      ["Content-Encoding", "aws-chunked"],
      ["X-Amz-Decoded-Content-Length", String(length)],
      ...(profile === trailing ? [["X-Amz-Trailer", trailers.map(([name]) => name).join(",")] as const] : []),
    ],
    body: new Uint8Array(),
  };
  const proof = profile.sign(message, KEY, AT);
  const signer = chunkSigner(proof, KEY);
  const parts = [...chunks.map((chunk) => signer.chunk(chunk)), signer.end(trailers)];
  return {
    parts,
    verify: (body: readonly Uint8Array[]) =>
      profile.verify({ ...withProof(message, profile, proof), body: Buffer.concat(body) }, keyFor, NOW),
  };
}

const [A, B, C] = ["first chunk", "second chunk", "third chunk"].map((words) => Buffer.from(words)) as [Buffer, Buffer, Buffer];
const THREE = upload([A, B, C]);

describe("a chunked body", () => {
  it("verifies and decodes to what was chunked, however it was cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 }), fc.boolean(), (chunks, withTrailer) => {
        const { parts, verify } = upload(chunks, withTrailer ? { profile: trailing, trailers: [TRAILER] } : {});
        expect(verify(parts)).toMatchObject({ keyId: KEY.id });
        expect(decodeAwsChunked(Buffer.concat(parts), withTrailer)).toEqual(Buffer.concat(chunks));
      }),
    );
  });

  const [a, b, c, end] = THREE.parts as [Buffer, Buffer, Buffer, Buffer];
  const twin = upload([A, B, C], { target: "/bucket/other" }).parts as [Buffer, Buffer, Buffer, Buffer];
  const tampered = Buffer.from(text(b).replace("second", "SECOND"), "latin1");
  const wrongSignature = (index: number) => ({ denied: "SIGNATURE_INVALID", details: { part: "chunk-signature", index } });
  const wrongLength = { denied: "PROOF_MALFORMED", details: { part: "x-amz-decoded-content-length" } };

  it.each([
    ["two chunks exchanged", [b, a, c, end], wrongSignature(0)],
    ["the last two exchanged", [a, c, b, end], wrongSignature(1)],
    ["a chunk changed", [a, tampered, c, end], wrongSignature(1)],
    ["a chunk of another upload with the same data", [a, twin[1], c, end], wrongSignature(1)],
    ["the whole body of another upload", twin, wrongSignature(0)],
    ["a chunk dropped", [a, c, end], wrongLength],
    ["a chunk twice", [a, b, b, c, end], wrongLength],
    ["its end only", [end], wrongLength],
  ])("is refused with %s", (_, body, denial) => {
    expect(THREE.verify(body)).toMatchObject(denial);
  });

  const framing = (expected: string) => ({ denied: "PROOF_MALFORMED", details: { part: "body", expected } });
  const line = "SIZE;chunk-signature=SIGNATURE";
  const replaced = (from: string | RegExp, to: string) => [Buffer.from(text(Buffer.concat(THREE.parts)).replace(from, to), "latin1")];

  it.each([
    ["no last chunk", [a, b, c], framing(line)],
    ["nothing at all", [], framing(line)],
    ["the raw bytes", [A, B, C], framing(line)],
    ["bytes behind its end", [...THREE.parts, A], framing("the end")],
    ["a second end", [...THREE.parts, end], framing("the end")],
    ["a torn end", [a, b, c, end.subarray(0, -2)], framing("the end")],
    [
      "a trailer that nobody signed",
      [a, b, c, end.subarray(0, -2), Buffer.from("x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n")],
      framing("the end"),
    ],
    ["a size with a leading zero", replaced("b;", "0b;"), framing(line)],
    ["a negative size", replaced("b;", "-b;"), framing(line)],
    ["a size of nine digits", replaced("b;", "100000000;"), framing(line)],
    ["a size beyond the body", replaced("b;", "fffffff;"), framing("a chunk as long as it says")],
    ["a size one too small", replaced("b;", "a;"), framing("a chunk as long as it says")],
    ["a bare line feed", replaced("\r\n", "\n"), framing(line)],
    ["an upper-case signature", replaced(/(?<=signature=)[0-9a-f]{64}/, "A".repeat(64)), framing(line)],
    ["a second extension", replaced(";", ";x=1;"), framing(line)],
    ["an empty signature", replaced(/(?<=signature=)[0-9a-f]{64}/, ""), framing(line)],
  ])("is refused with %s", (_, body, denial) => {
    expect(THREE.verify(body)).toMatchObject(denial);
  });

  it("may spell its sizes in upper case, as one of AWS's own clients does", () => {
    expect(THREE.verify(replaced("b;", "B;"))).toMatchObject({ keyId: KEY.id });
  });

  it("is refused as a hash, which cannot show its chunks", () => {
    const message: SignableMessage = {
      method: "PUT",
      authority: "s3.eu-west-1.amazonaws.com",
      target: "/bucket/key",
      headers: [["X-Amz-Decoded-Content-Length", "1"]],
      body: { sha256Hex: "0".repeat(64) },
    };
    const signed = withProof(message, plain, plain.sign(message, KEY, AT));
    expect(() => plain.verify(signed, keyFor, NOW)).toThrow("INPUT_INVALID: body: expected the bytes of a chunked body");
  });
});

describe("a chunked body with a trailer", () => {
  const uploaded = upload([A], { profile: trailing, trailers: [TRAILER] });
  const changed = (from: string | RegExp, to: string) => [Buffer.from(text(Buffer.concat(uploaded.parts)).replace(from, to), "latin1")];
  const trailer = (part: string, denied = "PROOF_MALFORMED") => ({ denied, details: { part } });

  it.each([
    ["a changed value", changed("sOO8", "sOO9"), trailer("x-amz-trailer-signature", "SIGNATURE_INVALID")],
    ["another name", changed("crc32c:", "crc32:"), trailer("x-amz-trailer")],
    ["no trailer", changed(/x-amz-checksum.*\r\n/, ""), trailer("x-amz-trailer")],
    ["one more trailer", changed("x-amz-checksum", "x-amz-a:b\r\nx-amz-checksum"), trailer("x-amz-trailer")],
    ["no signature", changed(/x-amz-trailer-signature.*\r\n/, ""), trailer("body")],
    ["the signature of nothing", changed(/(?<=trailer-signature:).*(?=\r\n)/, ""), trailer("body")],
    ["a trailer behind the signature", changed(/\r\n\r\n$/, "\r\nx-amz-a:b\r\n\r\n"), trailer("body")],
  ])("is refused with %s", (_, body, denial) => {
    expect(uploaded.verify(body)).toMatchObject(denial);
  });
});

describe("chunkSigner", () => {
  const signer = (profile = plain) =>
    chunkSigner(
      profile.sign(
        { method: "PUT", authority: "a", target: "/", headers: [["x-amz-decoded-content-length", "1"]], body: new Uint8Array() },
        KEY,
        AT,
      ),
      KEY,
    );

  it("refuses an empty chunk, which would end the body", () => {
    expect(() => signer().chunk(new Uint8Array())).toThrow("INPUT_INVALID: data: expected at least one byte, `end` signs the last chunk");
  });

  it("refuses trailers where none are announced, and none where some are", () => {
    expect(() => signer().end([TRAILER])).toThrow("INPUT_INVALID: trailers: expected none with this payload");
    expect(() => signer(trailing).end()).toThrow("INPUT_INVALID: trailers: expected at least one");
  });

  it("refuses the proof of a profile without chunks", () => {
    const whole = sigv4Profile(S3);
    expect(() => signer(whole)).toThrow("INPUT_INVALID: proof: expected the proof of a profile with chunks");
    expect(() => chunkSigner([], KEY)).toThrow("INPUT_INVALID: proof");
  });
});
