/** Signs a body chunk by chunk while it is sent, so that it need not be held or read twice. Source: as for `aws-chunked.ts`. */
import { invalidInput } from "../invalid-input.js";
import { type HeaderList, headerReader } from "../message.js";
import type { SigningKey } from "../profile.js";
import { hmacAlgorithm } from "./algorithm.js";
import { type ChunkSeed, chunkText, trailerText } from "./aws-chunked.js";
import { PAYLOAD_MODES } from "./payload.js";

export interface ChunkSigner {
  /** @returns the chunk as it is sent. @throws {INPUT_INVALID} for an empty one, which would be read as the last */
  chunk(data: Uint8Array): Buffer;
  /**
   * @param trailers those that X-Amz-Trailer names, in its order, names in lower case
   * @returns the end of the body as it is sent
   */
  end(trailers?: HeaderList): Buffer;
}

const readProof = headerReader(["authorization", "x-amz-content-sha256", "x-amz-date"]);
const CREDENTIAL_AND_SIGNATURE = /Credential=[^/]+\/([^,]+), .*Signature=([0-9a-f]{64})$/;

/**
 * @param proof what `sign` of a profile with the payload `chunked` or `chunked-trailer` returned
 * @param key the one it signed with
 * @throws {INPUT_INVALID} when the proof is another's
 *
 * @example
 * const profile = sigv4Profile({ service: "s3", region: "eu-west-1", s3: true, payload: "chunked" });
 * const proof = profile.sign({ ...message, body: new Uint8Array() }, key, { timestampSeconds, nonce: "" });
 * const signer = chunkSigner(proof, key);
 * const sent = [signer.chunk(Buffer.from("hello, ")), signer.chunk(Buffer.from("world")), signer.end()];
 */
export function chunkSigner(proof: HeaderList, key: SigningKey): ChunkSigner {
  const [authorization = "", payload, date = ""] = readProof(proof);
  const [, scope = "", signature = ""] = CREDENTIAL_AND_SIGNATURE.exec(authorization) ?? [];
  const mode = Object.values(PAYLOAD_MODES).find(({ declared, chunks }) => chunks && declared === payload);
  if (mode === undefined || signature === "") throw invalidInput({ part: "proof", expected: "the proof of a profile with chunks" });
  const [day, region, service] = scope.split("/") as [string, string, string];
  const algorithm = hmacAlgorithm(region, service);
  const seed: ChunkSeed = { date, scope, signature };
  let previous = signature;

  const sign = (text: string): string => {
    previous = algorithm.sign(text, { id: key.id, secret: key.secret, day });
    return previous;
  };
  const firstLine = (data: Uint8Array): string =>
    `${data.length.toString(16)};chunk-signature=${sign(chunkText(seed, previous, data))}\r\n`;

  return {
    chunk(data) {
      if (data.length === 0) throw invalidInput({ part: "data", expected: "at least one byte, `end` signs the last chunk" });
      return Buffer.concat([Buffer.from(firstLine(data)), data, Buffer.from("\r\n")]);
    },
    end(trailers = []) {
      if (trailers.length > 0 !== mode.chunks!.trailers) {
        throw invalidInput({ part: "trailers", expected: mode.chunks!.trailers ? "at least one" : "none with this payload" });
      }
      const last = firstLine(new Uint8Array());
      if (trailers.length === 0) return Buffer.from(`${last}\r\n`);
      const lines = trailers.map(([name, value]) => `${name}:${value}\r\n`).join("");
      return Buffer.from(`${last}${lines}x-amz-trailer-signature:${sign(trailerText(seed, previous, trailers))}\r\n\r\n`);
    },
  };
}
