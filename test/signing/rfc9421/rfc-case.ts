/** A signed example of RFC 9421 as data, and how the tests put it to our profiles. */
import { expect, it } from "vitest";
import { isDenial } from "../../../lib/errors.js";
import { SecretValue } from "../../../lib/secret-value.js";
import type { Header, SignableMessage } from "../../../lib/signing/message.js";
import type { Rfc9421AlgorithmName } from "../../../lib/signing/rfc9421/algorithm.js";
import { readComponent } from "../../../lib/signing/rfc9421/component.js";
import type { Scheme } from "../../../lib/signing/rfc9421/derived-value.js";
import { KNOWN_FIELD_TYPES } from "../../../lib/signing/rfc9421/field-value.js";
import type { Signable, SignableResponse } from "../../../lib/signing/rfc9421/message.js";
import type { Rfc9421Options } from "../../../lib/signing/rfc9421/options.js";
import { signatureBase } from "../../../lib/signing/rfc9421/signature-base.js";
import { readSignature } from "../../../lib/signing/rfc9421/signature-input.js";
import { type ResponseSigningProfile, rfc9421Profile, rfc9421ResponseProfile } from "../../../lib/signing/rfc9421.js";

export interface RfcMessage {
  readonly headers: readonly Header[];
  readonly body: string | null;
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
}

export interface RfcCase {
  readonly id: string;
  readonly label: string;
  readonly keyid: string;
  readonly algorithm: Rfc9421AlgorithmName;
  readonly deterministic: boolean;
  readonly message: RfcMessage;
  readonly relatedRequest: RfcMessage | null;
  readonly signatureInput: string;
  readonly signature: string;
  readonly signatureBase: string | null;
  readonly valid: boolean;
}

/** The public and the private half, or one shared secret. */
export interface RfcKey {
  readonly pem?: readonly string[];
  readonly jwk?: object;
  readonly base64?: string;
}

const publicSecret = ({ pem, base64 }: RfcKey): SecretValue => new SecretValue(pem?.[0] ?? Buffer.from(base64!, "base64"));
const privateSecret = ({ pem, base64 }: RfcKey): SecretValue => new SecretValue(pem?.[1] ?? Buffer.from(base64!, "base64"));

const requestOf = ({ method = "", target = "", headers, body }: RfcMessage): SignableMessage => ({
  method,
  authority: headers.find(([name]) => name === "Host")?.[1] ?? "",
  target,
  headers,
  body: Buffer.from(body ?? ""),
});

function messageOf({ message, relatedRequest }: Pick<RfcCase, "message" | "relatedRequest">): Signable {
  if (message.status === undefined) return requestOf(message);
  const response = { status: message.status, headers: message.headers, body: Buffer.from(message.body ?? "") };
  return relatedRequest ? { ...response, request: requestOf(relatedRequest) } : response;
}

const signedMessageOf = (example: RfcCase): Signable => {
  const message = messageOf(example);
  const proof: Header[] = [
    ["Signature-Input", example.signatureInput],
    ["Signature", example.signature],
  ];
  return { ...message, headers: [...message.headers, ...proof] };
};

/** Demands nothing beyond the example: many of the RFC's cover too little to be accepted otherwise. */
function profileOf(example: RfcCase, options: Partial<Rfc9421Options> = {}): ResponseSigningProfile {
  const { label, algorithm, message } = example;
  const lax: Rfc9421Options = {
    name: "rfc",
    components: [],
    requireNonce: false,
    coverBody: false,
    weak: true,
    label,
    algorithm,
    ...options,
  };
  // Both kinds take what their messages are; an example is of the kind that it says.
  return (message.status === undefined ? rfc9421Profile(lax) : rfc9421ResponseProfile(lax)) as ResponseSigningProfile;
}

const createdOf = ({ signatureInput, label }: RfcCase): number =>
  Number(/;created=(\d+)/.exec(signatureInput.slice(signatureInput.indexOf(`${label}=`)))![1]);

const CONTEXT = { fieldTypes: { ...KNOWN_FIELD_TYPES, "example-dict": "dictionary" as const } };

/** Verifies the example, makes its base, and signs it anew: byte by byte where the algorithm has one signature only. */
export function testCase(example: RfcCase, keys: Readonly<Record<string, RfcKey>>): void {
  const created = createdOf(example);
  const signedMessage = signedMessageOf(example);
  const verify = (message = signedMessage) =>
    profileOf(example).verify(message as SignableResponse, (id) => keys[id] && publicSecret(keys[id]), created * 1000);

  it(`${example.valid ? "accepts" : "refuses"} the signature of ${example.id}`, () => {
    expect(verify()).toMatchObject(
      example.valid
        ? { keyId: example.keyid, timestampSeconds: created }
        : { denied: "SIGNATURE_INVALID", details: { part: "signature", keyId: example.keyid } },
    );
  });

  if (example.signatureBase !== null) {
    it(`makes the base of ${example.id}`, () => {
      const received = readSignature(signedMessage.headers, { label: example.label, tag: undefined, known: new Map() });
      if (isDenial(received)) throw new Error(JSON.stringify(received));
      const context = { ...CONTEXT, scheme: "https" as const };
      const base = signatureBase(signedMessage, received.coverage.components, received.parametersText, context);
      const outcome = example.valid ? expect(base) : expect(base).not;
      outcome.toBe(example.signatureBase);
    });
  }

  if (!example.valid) return;
  const input = example.signatureInput.slice(example.signatureInput.indexOf(`${example.label}=`));
  const options = {
    components: [...input.slice(0, input.indexOf(")")).matchAll(/"([^"]+)"((?:;[a-z]+(?:="[^"]*")?)*)/g)].map(
      ([, name, parameters]) =>
        [
          name!,
          Object.fromEntries([...parameters!.matchAll(/;([a-z]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key, value ?? true])),
        ] as const,
    ),
    writeAlgorithm: input.includes(";alg="),
    requireNonce: input.includes(";nonce="),
    ...(input.includes(";tag=") && { tag: /;tag="([^"]*)"/.exec(input)![1]! }),
    ...(input.includes(";expires=") && { expiresSeconds: Number(/;expires=(\d+)/.exec(input)![1]) - created }),
  };
  it(`${example.deterministic ? "makes the signature, byte by byte, of" : "makes a signature that verifies, over the parameters of"} ${example.id}`, () => {
    const message = messageOf(example) as SignableResponse;
    const key = { id: example.keyid, secret: privateSecret(keys[example.keyid]!) };
    const nonce = /;nonce="([^"]*)"/.exec(input)?.[1] ?? "";
    const proof = profileOf(example, options).sign(message, key, { timestampSeconds: created, nonce });
    const signature = example.signature.slice(example.signature.indexOf(`${example.label}=`));
    expect(proof).toEqual([
      ["Signature-Input", input],
      ["Signature", example.deterministic ? signature : expect.stringMatching(/^[a-z0-9-]+=:[A-Za-z0-9+/]+=*:$/)],
    ]);
    expect(verify({ ...message, headers: [...message.headers, ...proof] })).toMatchObject({ keyId: example.keyid });
  });
}

export interface RfcComponentLines {
  readonly section: string;
  readonly scheme: Scheme;
  readonly message: RfcMessage;
  readonly lines: readonly string[];
}

/** Each line of the base that the RFC prints. */
export function testLines({ section, scheme, message, lines }: RfcComponentLines): void {
  it.each(lines)(`section ${section} has the line %s`, (line) => {
    const component = readComponent(line.slice(0, line.indexOf(": ")))!;
    const base = signatureBase(messageOf({ message, relatedRequest: null }), [component], "()", { ...CONTEXT, scheme });
    expect(base).toBe(`${line}\n"@signature-params": ()`);
  });
}
