/**
 * An RFC 9421 profile as data, and what makes one weak: section 7.2.1, a signature that leaves out what the receiver acts
 * on proves nothing about it. Everything is checked when the profile is made.
 */
import { invalidInput } from "../invalid-input.js";
import { ALGORITHMS, type Rfc9421AlgorithmName } from "./algorithm.js";
import { type Component, type ComponentIdentifier, type Coverage, componentNamed, coverageOf, listText } from "./component.js";
import type { DigestAlgorithm } from "./content-digest.js";
import type { Scheme } from "./derived-value.js";
import { type FieldTypes, KNOWN_FIELD_TYPES } from "./field-value.js";

export interface Rfc9421Options {
  /** Stands in every claim, so that no two profiles share one: 1 to 128 characters A-Z a-z 0-9 . _ -. */
  readonly name: string;
  readonly algorithm: Rfc9421AlgorithmName;
  /** What signing covers, in this order, and a verified signature must cover. With a body, `content-digest` is added. */
  readonly components: readonly ComponentIdentifier[];
  /** Default `sig1`. */
  readonly label?: string;
  /** What the signature is for. Where it is given, a signature is found by it and not by its label. */
  readonly tag?: string;
  /** How far `created` may lie from the verifier's clock, either way: 1 to 86400. Default 300. */
  readonly windowSeconds?: number;
  /** How long after `created` a signature expires, where signing should say so: 1 to 86400. What a message says counts always. */
  readonly expiresSeconds?: number;
  /** Whether a nonce of at least 16 characters is added and demanded. Default true. */
  readonly requireNonce?: boolean;
  /** Whether signing writes `alg`. Where a message has it, it must agree with the profile. Default false. */
  readonly writeAlgorithm?: boolean;
  /** The id that goes to `keyFor` when a signature names none. Default: it must. */
  readonly keyId?: string;
  /** Of the URLs that requests were sent to, for `@scheme`, `@target-uri` and `@authority`. Default `https`. */
  readonly scheme?: Scheme;
  /** What signing writes in Content-Digest. Default `sha-256`. */
  readonly digest?: DigestAlgorithm;
  /** Whether a body must be covered. Default true; false is weak. */
  readonly coverBody?: boolean;
  /** Types of structured fields that `sf` and `key` may be used with, besides the registered ones. */
  readonly fieldTypes?: FieldTypes;
  /** Must be said by a profile that leaves uncovered what gives a message its meaning, and by no other. */
  readonly weak?: true;
}

export type Rfc9421Kind = "request" | "response";

export interface Rfc9421Rules extends Required<Omit<Rfc9421Options, "components" | "tag" | "expiresSeconds" | "keyId" | "weak">> {
  /** What every signature must cover. */
  readonly components: readonly Component[];
  /** What signing covers of a message without a body, and with one. */
  readonly coverage: { readonly withoutBody: Coverage; readonly withBody: Coverage };
  /** Both, by the text of the list. */
  readonly known: ReadonlyMap<string, Coverage>;
  readonly tag: string | undefined;
  readonly expiresSeconds: number | undefined;
  readonly keyId: string | undefined;
}

/** Any one of the sets covers what is named. */
const MEANING: Readonly<Record<Rfc9421Kind, readonly (readonly [what: string, ...sets: string[][]])[]>> = {
  request: [
    ["the method", ["@method"]],
    ["the authority", ["@authority"], ["@target-uri"]],
    ["the target", ["@target-uri"], ["@request-target"], ["@path", "@query"]],
  ],
  response: [["the status", ["@status"]]],
};

/** Why a profile with these options is weak; empty when it is not. */
export function rfc9421Weaknesses({ components, coverBody = true }: Rfc9421Options, kind: Rfc9421Kind = "request"): string[] {
  const own = new Set(components.map((identifier) => componentNamed(identifier)?.text));
  const uncovered = MEANING[kind]
    .filter(([, ...sets]) => !sets.some((set) => set.every((name) => own.has(`"${name}"`))))
    .map(([what]) => what);
  const unbound = kind === "response" && !components.some((identifier) => componentNamed(identifier)?.parameters.req);
  const missing = [...uncovered, ...(unbound ? ["the request"] : []), ...(coverBody ? [] : ["the body"])];
  return missing.map((what) => `${what} is not covered`);
}

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const LABEL = /^[a-z*][a-z0-9_.*-]{0,63}$/;
const TEXT = /^[\x20-\x7e]{1,256}$/;

const isSeconds = (value: number) => Number.isInteger(value) && value >= 1 && value <= 86_400;

/** @throws {INPUT_INVALID} naming the first part that is unsound */
export function compileRules(options: Rfc9421Options, kind: Rfc9421Kind): Rfc9421Rules {
  const {
    name,
    algorithm,
    label = "sig1",
    tag,
    keyId,
    windowSeconds = 300,
    expiresSeconds,
    coverBody = true,
    scheme = "https",
    digest = "sha-256",
    weak,
  } = options;
  const check = (part: string, holds: boolean, expected: string) => {
    if (!holds) throw invalidInput({ part, expected });
  };
  check("name", NAME.test(name), "1 to 128 characters A-Z a-z 0-9 . _ -");
  check("algorithm", Object.hasOwn(ALGORITHMS, algorithm), `one of ${Object.keys(ALGORITHMS).join(", ")}`);
  check("label", LABEL.test(label), "a lower-case key of at most 64 characters");
  check("tag", tag === undefined || TEXT.test(tag), "1 to 256 printable ASCII characters");
  check("keyId", keyId === undefined || TEXT.test(keyId), "1 to 256 printable ASCII characters");
  check("windowSeconds", isSeconds(windowSeconds), "a whole number from 1 to 86400");
  check("expiresSeconds", expiresSeconds === undefined || isSeconds(expiresSeconds), "a whole number from 1 to 86400");
  check("scheme", scheme === "https" || scheme === "http", "https or http");
  check("digest", digest === "sha-256" || digest === "sha-512", "sha-256 or sha-512");
  const components = options.components.map((identifier) => {
    const component = componentNamed(identifier);
    check("components", component !== undefined, `known components, not ${JSON.stringify(identifier)}`);
    return component!;
  });
  const withoutBody = coverageOf(components);
  if (withoutBody === undefined) throw invalidInput({ part: "components", expected: "each component once" });
  const addsDigest = coverBody && !withoutBody.hasDigest;
  const withBody = addsDigest ? coverageOf([...components, componentNamed("content-digest")!])! : withoutBody;
  const fieldTypes = { ...KNOWN_FIELD_TYPES, ...options.fieldTypes };
  for (const { text, name: field, parameters } of components) {
    const type = fieldTypes[field];
    check("fieldTypes", !parameters.sf || type !== undefined, `the type of ${field}, for ${text}`);
    check("fieldTypes", parameters.key === undefined || type === "dictionary", `dictionary for ${field}, for ${text}`);
  }
  const weaknesses = rfc9421Weaknesses(options, kind);
  check("weak", weaknesses.length === 0 || weak === true, `true, for the profile is weak: ${weaknesses.join(", ")}`);
  check("weak", weaknesses.length > 0 || weak !== true, "nothing, for the profile is not weak");
  const { requireNonce = true, writeAlgorithm = false } = options;
  return {
    name,
    algorithm,
    components,
    coverage: { withoutBody, withBody },
    known: new Map([withoutBody, withBody].map((coverage) => [listText(coverage.components), coverage])),
    label,
    tag,
    keyId,
    windowSeconds,
    expiresSeconds,
    requireNonce,
    writeAlgorithm,
    scheme,
    digest,
    coverBody,
    fieldTypes,
  };
}
