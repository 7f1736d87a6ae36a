/**
 * The fields `Signature-Input` and `Signature` (RFC 9421 section 4) of one signature: found by its tag, or else its label,
 * and strictly read. A label that occurs twice, an unknown component and an unknown parameter are refused; signatures of
 * other labels are not judged.
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import { type HeaderList, headerReader } from "../message.js";
import {
  type InnerListMember,
  itemsOf,
  type Parameters,
  type ParameterValue,
  readByteSequences,
  readInnerLists,
} from "./canonical-fields.js";
import { type Coverage, coverageOf, readComponent } from "./component.js";

/** RFC 9421 section 2.3. Times are whole seconds since the Unix epoch. */
export interface SignatureParameters {
  readonly created: number | undefined;
  readonly expires: number | undefined;
  readonly keyid: string | undefined;
  readonly alg: string | undefined;
  readonly nonce: string | undefined;
}

export interface ReceivedSignature {
  readonly coverage: Coverage;
  readonly parameters: SignatureParameters;
  /** The value of `@signature-params`. */
  readonly parametersText: string;
  readonly signature: Uint8Array;
}

const MAX_FIELD_LENGTH = 8192;
const MAX_SIGNATURES = 8;
const MAX_COMPONENTS = 64;

const readFields = headerReader(["signature-input", "signature"]);

const malformed = (part: string, expected: string): Denial => deny("PROOF_MALFORMED", { part, expected });

export interface Selector {
  readonly label: string;
  /** Decides where it is given. */
  readonly tag: string | undefined;
  /** What most signatures cover, by the text of the list: it need not be read again. */
  readonly known: ReadonlyMap<string, Coverage>;
}

interface SignatureFields {
  readonly inputs: ReadonlyMap<string, InnerListMember>;
  /** In base64. */
  readonly signatures: ReadonlyMap<string, string>;
}

/** Every signature of a message, by label. */
export function readSignatureFields(headers: HeaderList): SignatureFields | Denial {
  const [inputField, signatureField] = readFields(headers);
  if (inputField === undefined && signatureField === undefined)
    return deny("PROOF_MISSING", { expected: ["signature-input", "signature"] });
  const inputs = readWith(readInnerLists, inputField);
  if (inputs === undefined) return malformed("signature-input", "a dictionary of inner lists, in canonical form, each key once");
  const signatures = readWith(readByteSequences, signatureField);
  if (signatures === undefined) return malformed("signature", "a dictionary of byte sequences, in canonical form, each key once");
  return { inputs, signatures };
}

export function readSignature(headers: HeaderList, { label, tag, known }: Selector): ReceivedSignature | Denial {
  const fields = readSignatureFields(headers);
  if (isDenial(fields)) return fields;
  const { inputs, signatures } = fields;
  const found = tag === undefined ? [label] : [...inputs.keys()].filter((name) => inputs.get(name)!.parameters.get("tag") === tag);
  const [name = label] = found;
  const input = inputs.get(name);
  const which = tag === undefined ? `the label ${label}` : `the tag ${tag}`;
  if (input === undefined || found.length === 0)
    return deny("PROOF_MISSING", { part: "signature-input", expected: `a signature with ${which}` });
  if (found.length > 1) return malformed("signature-input", `one signature with ${which}`);
  const signature = signatures.get(name);
  return signature === undefined ? malformed("signature", `a byte sequence ${name}`) : readInput(input, signature, known);
}

/** Several fields of one name, joined by LF, are one list. */
function readWith<T>(read: (text: string) => ReadonlyMap<string, T> | undefined, field = ""): ReadonlyMap<string, T> | undefined {
  const members = field.length <= MAX_FIELD_LENGTH ? read(field.replaceAll("\n", ",")) : undefined;
  return members && members.size <= MAX_SIGNATURES ? members : undefined;
}

function readInput({ list, parameters, text }: InnerListMember, signature: string, known: Selector["known"]): ReceivedSignature | Denial {
  const coverage = known.get(list) ?? readCoverage(list);
  if (isDenial(coverage)) return coverage;
  for (const [name, value] of parameters) {
    const grammar = PARAMETERS.get(name);
    if (grammar === undefined) return malformed("signature-input", `no parameter but ${[...PARAMETERS.keys()].join(", ")}`);
    if (!grammar.takes(value)) return malformed(name, grammar.expected);
  }
  return { coverage, parameters: signatureParameters(parameters), parametersText: text, signature: Buffer.from(signature, "base64") };
}

function readCoverage(list: string): Coverage | Denial {
  const items = itemsOf(list);
  if (items.length > MAX_COMPONENTS) return malformed("signature-input", `at most ${MAX_COMPONENTS} components`);
  const components = items.map(readComponent).filter((component) => component !== undefined);
  if (components.length < items.length) return malformed("signature-input", "components that are known, with parameters that they have");
  return coverageOf(components) ?? malformed("signature-input", "each component once, whatever the order of its parameters");
}

/** @param parameters of their types */
const signatureParameters = (parameters: Parameters): SignatureParameters => ({
  created: parameters.get("created") as number | undefined,
  expires: parameters.get("expires") as number | undefined,
  keyid: parameters.get("keyid") as string | undefined,
  alg: parameters.get("alg") as string | undefined,
  nonce: parameters.get("nonce") as string | undefined,
});

const SECONDS = { takes: (value: ParameterValue) => typeof value === "number" && value >= 0, expected: "whole Unix seconds" };
const TEXT = {
  takes: (value: ParameterValue) => typeof value === "string" && value.length >= 1 && value.length <= 256,
  expected: "a string of 1 to 256 characters",
};

const PARAMETERS = new Map([
  ["created", SECONDS],
  ["expires", SECONDS],
  ["keyid", TEXT],
  ["alg", TEXT],
  ["nonce", TEXT],
  ["tag", TEXT],
]);
