/**
 * What a signature says about the body. Which of these a profile takes is the policy's word: a message that asks for
 * another one (an unsigned body where a signed one is due) is refused.
 * Source: S3, "Authorization header", x-amz-content-sha256.
 */
export interface PayloadMode {
  /** The words that stand in the canonical request and in x-amz-content-sha256; where absent, the body's hash stands there. */
  readonly declared?: string;
  /** The body comes in signed chunks, and perhaps with signed trailers. */
  readonly chunks?: { readonly trailers: boolean };
}

export type PayloadName = "signed" | "unsigned" | "chunked" | "chunked-trailer";

export const PAYLOAD_MODES: Readonly<Record<PayloadName, PayloadMode>> = {
  signed: {},
  unsigned: { declared: "UNSIGNED-PAYLOAD" },
  chunked: { declared: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", chunks: { trailers: false } },
  "chunked-trailer": { declared: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks: { trailers: true } },
};
