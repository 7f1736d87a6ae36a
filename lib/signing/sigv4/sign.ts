/**
 * Signing: what is added to a request, and the texts it was computed from. Covered is every header but those that hops add,
 * change or drop on the way, by the list of AWS's own SDKs.
 */
import { isDenial, SallyportError } from "../../errors.js";
import { invalidInput } from "../invalid-input.js";
import { bodySha256Hex, type Header, type HeaderList, type SignableMessage } from "../message.js";
import { dayOf, formatAmzDate } from "./amz-date.js";
import { canonicalHeaders, canonicalRequest } from "./canonical-request.js";
import { isKeyId, KEY_ID_EXPECTED, type Sigv4Key, type Sigv4Rules } from "./rules.js";
import { readTarget, stringToSign } from "./signable.js";

const CHANGED_BY_HOPS =
  /^(?:cache-control|connection|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|proxy-.*|sec-.*)$/;

/** Names of headers and parameters that signing itself adds. */
const ADDED =
  /^(?:authorization|x-amz-(?:algorithm|content-sha256|credential|date|expires|region-set|security-token|signature|signedheaders))$/;

export interface Signed {
  /** Header fields, or query parameters before their encoding, in the order in which they are added. */
  readonly proof: HeaderList;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
}

/** @throws {INPUT_INVALID | SECRET_TOO_SHORT} */
export function signed(rules: Sigv4Rules, message: SignableMessage, key: Sigv4Key, timestampSeconds: number): Signed {
  const { algorithm, payload } = rules;
  const inQuery = rules.form === "query";
  if (key.secret.byteLength === 0) throw new SallyportError("SECRET_TOO_SHORT", { keyId: key.id });
  if (!isKeyId(key.id)) throw invalidInput({ part: "key.id", expected: KEY_ID_EXPECTED });
  const date = formatAmzDate(timestampSeconds);
  if (date === undefined) throw invalidInput({ part: "timestampSeconds", expected: "whole Unix seconds from 2001 to 9999" });
  const target = readTarget(message.target, rules.pathRule);
  if (isDenial(target)) throw invalidInput(target.details);
  for (const [name] of target.pairs) refuseAdded(name.toLowerCase());

  const day = dayOf(date);
  const scope = algorithm.scope(day);
  const payloadHash = payload.declared ?? bodySha256Hex(message.body);
  const fields: Header[] = [["X-Amz-Date", date]];
  const token = sessionTokenOf(key);
  if (algorithm.regionSet !== undefined) fields.push(["X-Amz-Region-Set", algorithm.regionSet]);
  if (rules.carriesContentSha256) fields.push(["X-Amz-Content-Sha256", payloadHash]);
  if (!rules.unsignedSessionToken) fields.push(...token);

  const headers = canonicalHeaders([
    ["host", message.authority],
    ...coverable(message.headers),
    ...(inQuery ? [] : fields.map(lowerCased)),
  ]);
  if (isDenial(headers)) throw invalidInput(headers.details);
  const { signedHeaders } = headers;
  if (payload.chunks && !signedHeaders.split(";").includes("x-amz-decoded-content-length")) {
    throw invalidInput({ part: "x-amz-decoded-content-length", expected: "the header, with the length of the body before chunking" });
  }
  if (inQuery) {
    fields.unshift(["X-Amz-Algorithm", algorithm.name], ["X-Amz-Credential", `${key.id}/${scope}`]);
    fields.push(["X-Amz-Expires", String(rules.windowSeconds)], ["X-Amz-SignedHeaders", signedHeaders]);
  }
  const query = inQuery ? [...target.pairs, ...fields] : target.pairs;
  const request = canonicalRequest({ method: message.method, path: target.path, query, headers, payloadHash });
  const text = stringToSign(algorithm.name, date, scope, request);
  const signature = algorithm.sign(text, { id: key.id, secret: key.secret, day });
  const last: Header = inQuery
    ? ["X-Amz-Signature", signature]
    : ["Authorization", `${algorithm.name} Credential=${key.id}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`];
  const proof = [...fields, ...(rules.unsignedSessionToken ? token : []), last];
  return { proof, canonicalRequest: request, stringToSign: text, signature };
}

const SESSION_TOKEN = /^[!-~]+$/;

function sessionTokenOf({ sessionToken }: Sigv4Key): HeaderList {
  if (sessionToken === undefined) return [];
  const value = sessionToken.revealText();
  if (!SESSION_TOKEN.test(value)) throw invalidInput({ part: "key.sessionToken", expected: "visible ASCII characters" });
  return [["X-Amz-Security-Token", value]];
}

function coverable(headers: HeaderList): Header[] {
  const covered: Header[] = [];
  for (const header of headers) {
    const [name] = lowerCased(header);
    refuseAdded(name);
    if (name !== "host" && !CHANGED_BY_HOPS.test(name)) covered.push([name, header[1]]);
  }
  return covered;
}

const lowerCased = ([name, value]: Header): Header => [name.toLowerCase(), value];

function refuseAdded(name: string): void {
  if (ADDED.test(name)) throw invalidInput({ part: name, expected: "no such header or parameter, signing adds it" });
}
