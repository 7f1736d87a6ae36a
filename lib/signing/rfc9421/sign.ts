/** Signing: the fields to add, `Content-Digest` among them where the body is covered and the message has none. */
import { serializeParameters } from "structured-headers";
import { isDenial, SallyportError } from "../../errors.js";
import { invalidInput } from "../invalid-input.js";
import type { Header, HeaderList } from "../message.js";
import type { Freshness, SigningKey } from "../profile.js";
import { ALGORITHMS } from "./algorithm.js";
import { listText } from "./component.js";
import { contentDigest, digestProblem, isEmpty } from "./content-digest.js";
import type { Signable } from "./message.js";
import type { Rfc9421Rules } from "./options.js";
import { signatureBase } from "./signature-base.js";
import { readSignatureFields } from "./signature-input.js";
import { MIN_NONCE_LENGTH } from "./verify.js";

/** @throws {INPUT_INVALID | SECRET_TOO_SHORT | SECRET_UNUSABLE} */
export function signed(rules: Rfc9421Rules, message: Signable, key: SigningKey, at: Freshness): HeaderList {
  const { label } = rules;
  if (key.secret.byteLength === 0) throw new SallyportError("SECRET_TOO_SHORT", { keyId: key.id });
  const others = readSignatureFields(message.headers);
  const isTaken = isDenial(others) ? others.denied !== "PROOF_MISSING" : others.inputs.has(label) || others.signatures.has(label);
  if (isTaken) throw invalidInput({ part: "signature-input", expected: `well-formed fields without ${label}, signing adds it` });
  const { components, hasDigest } = isEmpty(message.body) ? rules.coverage.withoutBody : rules.coverage.withBody;
  const digests = hasDigest ? digestFields(rules, message) : [];

  const parametersText = listText(components) + parametersOf(rules, key.id, at);
  const base = signatureBase({ ...message, headers: [...message.headers, ...digests] }, components, parametersText, rules);
  if (typeof base !== "string") throw invalidInput(base.details);
  const signature = ALGORITHMS[rules.algorithm].sign(base, key.secret);
  if (isDenial(signature)) throw new SallyportError(signature.denied, { ...signature.details, keyId: key.id });
  return [...digests, ["Signature-Input", `${label}=${parametersText}`], ["Signature", `${label}=:${signature.toString("base64")}:`]];
}

/** What is added so that the message has the body's digest. */
function digestFields({ digest }: Rfc9421Rules, { headers, body }: Signable): Header[] {
  if (headers.some(([name]) => name.toLowerCase() === "content-digest")) {
    const problem = digestProblem(headers, body);
    if (problem) throw invalidInput(problem.details);
    return [];
  }
  const value = contentDigest(body, digest);
  if (value === undefined) throw invalidInput({ part: "body", expected: `its bytes, for ${digest} of them is signed` });
  return [["Content-Digest", value]];
}

function parametersOf(rules: Rfc9421Rules, keyId: string, { timestampSeconds, nonce }: Freshness): string {
  if (!(Number.isInteger(timestampSeconds) && timestampSeconds >= 1e9 && timestampSeconds < 1e11)) {
    throw invalidInput({ part: "timestampSeconds", expected: "whole Unix seconds" });
  }
  const texts = { keyid: keyId, ...(rules.requireNonce && { nonce }) };
  for (const [part, text] of Object.entries(texts)) {
    const minLength = part === "nonce" ? MIN_NONCE_LENGTH : 1;
    if (text.length >= minLength && text.length <= 256 && /^[\x20-\x7e]+$/.test(text)) continue;
    throw invalidInput({ part, expected: `${minLength} to 256 printable ASCII characters` });
  }
  const parameters = {
    created: timestampSeconds,
    keyid: keyId,
    alg: rules.writeAlgorithm ? rules.algorithm : undefined,
    expires: rules.expiresSeconds && timestampSeconds + rules.expiresSeconds,
    nonce: texts.nonce,
    tag: rules.tag,
  };
  return serializeParameters(
    new Map(Object.entries(parameters).filter((entry): entry is [string, string | number] => entry[1] !== undefined)),
  );
}
