/**
 * A body in signed chunks (`Content-Encoding: aws-chunked`): each signature covers its chunk and the signature before it,
 * the first that of the request, so that no chunk can be dropped, added, moved or taken from another upload.
 * Source: S3, "Transferring payload in multiple chunks" and "Including trailing headers".
 */
import { hash } from "node:crypto";
import { type Denial, deny, isDenial } from "../../errors.js";
import { invalidInput } from "../invalid-input.js";
import { type Header, type HeaderList, headerReader, type SignableMessage } from "../message.js";

/** What the request's own signature fixes for its chunks. */
export interface ChunkSeed {
  readonly date: string;
  readonly scope: string;
  readonly signature: string;
}

const EMPTY_SHA256 = hash("sha256", "", "hex");

export const chunkText = ({ date, scope }: ChunkSeed, previous: string, data: Uint8Array): string =>
  `AWS4-HMAC-SHA256-PAYLOAD\n${date}\n${scope}\n${previous}\n${EMPTY_SHA256}\n${hash("sha256", data, "hex")}`;

export const trailerText = ({ date, scope }: ChunkSeed, previous: string, trailers: HeaderList): string => {
  const lines = trailers.map(([name, value]) => `${name}:${value}\n`).join("");
  return `AWS4-HMAC-SHA256-TRAILER\n${date}\n${scope}\n${previous}\n${hash("sha256", lines, "hex")}`;
};

interface Chunk {
  /** A view of the body. Empty: the last one. */
  readonly data: Buffer;
  readonly signature: string;
}

interface ChunkedBody {
  readonly chunks: readonly Chunk[];
  readonly trailers: HeaderList;
  /** Where trailers are due. */
  readonly trailerSignature: string | undefined;
}

const CHUNK_LINE = /^(0|[1-9A-Fa-f][0-9A-Fa-f]{0,7});chunk-signature=([0-9a-f]{64})$/;
const TRAILER_LINE = /^([a-z0-9-]+):([\t -~]*)$/;
const TRAILER_SIGNATURE = "x-amz-trailer-signature";
const SIGNATURE = /^[0-9a-f]{64}$/;
const MAX_LINE_LENGTH = 1024;

function readChunks(body: Uint8Array, withTrailers: boolean): ChunkedBody | Denial {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  /** The next line without its line break; undefined where there is none. */
  const line = (): string | undefined => {
    const end = bytes.subarray(at, at + MAX_LINE_LENGTH).indexOf("\r\n");
    if (end < 0) return undefined;
    const text = bytes.toString("latin1", at, at + end);
    at += end + 2;
    return text;
  };

  const chunks: Chunk[] = [];
  do {
    const [, size, signature] = CHUNK_LINE.exec(line() ?? "") ?? [];
    if (signature === undefined) return malformed(at, "SIZE;chunk-signature=SIGNATURE");
    const data = bytes.subarray(at, at + Number.parseInt(size!, 16));
    at += data.length;
    chunks.push({ data, signature });
    if (size !== "0" && line() !== "") return malformed(at, "a chunk as long as it says");
  } while (chunks.at(-1)!.data.length > 0);

  const trailers: Header[] = [];
  for (let text = line(); text !== ""; text = line()) {
    const [, name, value] = (withTrailers && TRAILER_LINE.exec(text ?? "")) || [];
    if (name === undefined) return malformed(at, withTrailers ? "name:value or the end" : "the end");
    trailers.push([name, value!]);
  }
  if (at !== bytes.length) return malformed(at, "the end");
  if (!withTrailers) return { chunks, trailers, trailerSignature: undefined };
  const [name, trailerSignature = ""] = trailers.pop() ?? [];
  if (name !== TRAILER_SIGNATURE || !SIGNATURE.test(trailerSignature)) return malformed(at, `${TRAILER_SIGNATURE} as the last trailer`);
  return { chunks, trailers, trailerSignature };
}

const malformed = (offset: number, expected: string): Denial => deny("PROOF_MALFORMED", { part: "body", expected, offset });

const readHeaders = headerReader(["x-amz-decoded-content-length", "x-amz-trailer"]);

/**
 * @param message with the body as sent, chunk lines included
 * @param matches whether the signature is that of the text
 * @throws {INPUT_INVALID} when only the hash of the body is there
 */
export function invalidChunks(
  { body, headers }: SignableMessage,
  { trailers: withTrailers }: { readonly trailers: boolean },
  seed: ChunkSeed,
  matches: (signature: string, text: string) => boolean,
): Denial | undefined {
  if ("sha256Hex" in body) throw invalidInput({ part: "body", expected: "the bytes of a chunked body" });
  const read = readChunks(body, withTrailers);
  if (isDenial(read)) return read;
  const { chunks, trailers, trailerSignature } = read;
  const [decodedLength, trailerNames] = readHeaders(headers);
  const length = chunks.reduce((sum, { data }) => sum + data.length, 0);
  if (String(length) !== decodedLength) {
    return deny("PROOF_MALFORMED", { part: "x-amz-decoded-content-length", expected: "the length of all chunks together" });
  }
  if (withTrailers && trailers.map(([name]) => name).join(",") !== trailerNames) {
    return deny("PROOF_MALFORMED", { part: "x-amz-trailer", expected: "the names of the trailers, in their order" });
  }

  let previous = seed.signature;
  for (const [index, { data, signature }] of chunks.entries()) {
    if (!matches(signature, chunkText(seed, previous, data))) {
      return deny("SIGNATURE_INVALID", { part: "chunk-signature", expected: "the signature of the chunk after the one before", index });
    }
    previous = signature;
  }
  if (trailerSignature === undefined || matches(trailerSignature, trailerText(seed, previous, trailers))) return undefined;
  return deny("SIGNATURE_INVALID", { part: TRAILER_SIGNATURE, expected: "the signature of the trailers after the last chunk" });
}

/**
 * The body that the chunks carry. It trusts nobody's word: verify the message first.
 *
 * @param withTrailers as the profile's payload says
 * @returns a denial PROOF_MALFORMED where the framing is broken
 */
export function decodeAwsChunked(body: Uint8Array, withTrailers = false): Buffer | Denial {
  const read = readChunks(body, withTrailers);
  return isDenial(read) ? read : Buffer.concat(read.chunks.map(({ data }) => data));
}
