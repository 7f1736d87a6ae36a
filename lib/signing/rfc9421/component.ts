/**
 * Component identifiers (RFC 9421 sections 2, 2.1, 2.2): which part of a message one line of the base covers. What is not
 * known here is refused, for nobody could say what its signature means. The order of parameters is part of the text that is
 * signed, and no part of the identity: two identifiers that differ in it alone are the same component.
 */
import { serializeItem } from "structured-headers";
import { readItem } from "./canonical-fields.js";
import { DERIVE } from "./derived-value.js";

export interface ComponentParameters {
  /** The field in the strict serialisation of its structured type. */
  readonly sf?: true;
  /** Each field line as a byte sequence. */
  readonly bs?: true;
  /** One member of a dictionary field. */
  readonly key?: string;
  /** Of `@query-param`: the name, percent-encoded. */
  readonly name?: string;
  /** Of the request that a response answers. */
  readonly req?: true;
  /** From the trailers. */
  readonly tr?: true;
}

/** `"@method"`, or with parameters in the order in which they are written: `["@query-param", { name: "page" }]`. */
export type ComponentIdentifier = string | readonly [name: string, parameters: ComponentParameters];

export interface Component {
  readonly name: string;
  readonly parameters: ComponentParameters;
  /** As it stands in the base and in `Signature-Input`: `"@query-param";name="page"`. */
  readonly text: string;
  /** The same for two identifiers of one component. */
  readonly identity: string;
}

const PARAMETER_TYPES: { readonly [Name in keyof Required<ComponentParameters>]: "flag" | "string" } = {
  sf: "flag",
  bs: "flag",
  key: "string",
  name: "string",
  req: "flag",
  tr: "flag",
};

const DERIVED: ReadonlySet<string> = new Set([...Object.keys(DERIVE), "@status"]);

const FIELD_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

/** @param text as in `Component` @returns undefined for a name, a parameter or a combination that has no meaning */
export function readComponent(text: string): Component | undefined {
  const item = readItem(text);
  if (item === undefined) return undefined;
  const [name, parameters] = item;
  for (const [parameter, value] of parameters) {
    if (!Object.hasOwn(PARAMETER_TYPES, parameter)) return undefined;
    const type = PARAMETER_TYPES[parameter as keyof ComponentParameters];
    if (type === "flag" ? value !== true : typeof value !== "string") return undefined;
  }
  const has = (parameter: keyof ComponentParameters) => parameters.has(parameter);
  const isDerived = DERIVED.has(name);
  if (!isDerived && !FIELD_NAME.test(name)) return undefined;
  if (isDerived && (has("sf") || has("bs") || has("key") || has("tr"))) return undefined;
  if (has("name") !== (name === "@query-param")) return undefined;
  if (has("bs") && (has("sf") || has("key"))) return undefined;
  if (has("req") && name === "@status") return undefined;
  return { name, parameters: Object.fromEntries(parameters), text, identity: JSON.stringify([name, ...[...parameters].sort()]) };
}

/** @returns undefined as `readComponent` */
export function componentNamed(identifier: ComponentIdentifier): Component | undefined {
  const [name, parameters] = typeof identifier === "string" ? [identifier, {}] : identifier;
  try {
    return readComponent(serializeItem(name, new Map(Object.entries(parameters))));
  } catch {
    return undefined;
  }
}

/** Whether the component is all of this message's own `Content-Digest`, so that the body is covered through it. */
const coversDigest = ({ name, parameters: { key, req, tr } }: Component): boolean =>
  name === "content-digest" && key === undefined && !req && !tr;

/** What a signature covers, in order. */
export interface Coverage {
  readonly components: readonly Component[];
  readonly identities: ReadonlySet<string>;
  /** Whether the body is covered, through its digest. */
  readonly hasDigest: boolean;
}

/** @returns undefined when a component occurs twice */
export function coverageOf(components: readonly Component[]): Coverage | undefined {
  const identities = new Set(components.map(({ identity }) => identity));
  return identities.size === components.length ? { components, identities, hasDigest: components.some(coversDigest) } : undefined;
}

/** As an inner list is written. */
export const listText = (components: readonly Component[]): string => `(${components.map(({ text }) => text).join(" ")})`;
