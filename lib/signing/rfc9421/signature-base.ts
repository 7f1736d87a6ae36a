/**
 * The signature base (RFC 9421 section 2.5): one line a covered component, the signature's own parameters last. Two messages
 * have one base only when all that is covered is the same.
 */
import { type Denial, deny } from "../../errors.js";
import type { Component } from "./component.js";
import { DERIVE, type Scheme } from "./derived-value.js";
import { type FieldTypes, fieldValue } from "./field-value.js";
import { isResponse, type Signable } from "./message.js";

export interface BaseContext {
  readonly scheme: Scheme;
  readonly fieldTypes: FieldTypes;
}

/** @param signatureParameters the inner list with its parameters: `("@method");created=1618884473` */
export function signatureBase(
  message: Signable,
  components: readonly Component[],
  signatureParameters: string,
  context: BaseContext,
): string | Denial {
  let base = "";
  for (const component of components) {
    const value = componentValue(message, component, context);
    if (value === undefined) return deny("PROOF_MALFORMED", { part: component.text, expected: "a message that has it, in one reading" });
    base += `${component.text}: ${value}\n`;
  }
  return `${base}"@signature-params": ${signatureParameters}`;
}

function componentValue(message: Signable, { name, parameters }: Component, { scheme, fieldTypes }: BaseContext): string | undefined {
  const from = parameters.req ? (isResponse(message) ? message.request : undefined) : message;
  if (from === undefined) return undefined;
  if (name === "@status") return isResponse(from) && /^[1-5]\d\d$/.test(String(from.status)) ? String(from.status) : undefined;
  if (name.startsWith("@")) return isResponse(from) ? undefined : DERIVE[name]?.(from, scheme, parameters.name ?? "");
  return fieldValue((parameters.tr ? from.trailers : from.headers) ?? [], name, parameters, fieldTypes[name]);
}
