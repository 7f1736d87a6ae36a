/**
 * Content-Digest (RFC 9530): the body's hash in a field, so that a signature over the field covers the body. Algorithms that
 * are broken or unknown count for nothing, and every known one must match.
 */
import { hash } from "node:crypto";
import { type Denial, deny } from "../../errors.js";
import { bodySha256Hex, type HeaderList, type SignableMessage } from "../message.js";
import { readByteSequences } from "./canonical-fields.js";
import { fieldValue } from "./field-value.js";

export type DigestAlgorithm = "sha-256" | "sha-512";

type Body = SignableMessage["body"];

const EMPTY_SHA256 = hash("sha256", "", "hex");

export const isEmpty = (body: Body): boolean => ("sha256Hex" in body ? body.sha256Hex === EMPTY_SHA256 : body.length === 0);

/** In base64; undefined when it cannot be had from what is known of the body. */
const DIGESTS: { readonly [Name in DigestAlgorithm]: (body: Body) => string | undefined } = {
  "sha-256": (body) => ("sha256Hex" in body ? Buffer.from(bodySha256Hex(body), "hex").toString("base64") : hash("sha256", body, "base64")),
  "sha-512": (body) => ("sha256Hex" in body ? undefined : hash("sha512", body, "base64")),
};

/** @returns the field's value; undefined for SHA-512 of a body that is known by its SHA-256 only */
export function contentDigest(body: Body, algorithm: DigestAlgorithm): string | undefined {
  const digest = DIGESTS[algorithm](body);
  return digest && `${algorithm}=:${digest}:`;
}

const MAX_LENGTH = 1024;

/** @returns undefined when the field is there and is the body's */
export function digestProblem(headers: HeaderList, body: Body): Denial | undefined {
  const field = fieldValue(headers, "content-digest", {}, undefined);
  const digests = field !== undefined && field.length <= MAX_LENGTH ? readByteSequences(field) : undefined;
  const expected = `a dictionary of ${Object.keys(DIGESTS).join(" or ")}`;
  if (digests === undefined) return deny("PROOF_MALFORMED", { part: "content-digest", expected });
  let known = 0;
  for (const [name, digestOf] of Object.entries(DIGESTS)) {
    const declared = digests.get(name);
    const actual = declared && digestOf(body);
    if (actual === undefined) continue;
    known++;
    if (declared !== actual) return deny("SIGNATURE_INVALID", { part: "content-digest", expected: `the ${name} of the body` });
  }
  return known > 0 ? undefined : deny("PROOF_MALFORMED", { part: "content-digest", expected });
}
