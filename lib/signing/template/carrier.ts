/**
 * Where a message carries a timestamp, a nonce, a key id or signatures: a whole header, or the items of a list in one
 * (`t=1700000000,v1=5257…`). Items are told apart by their prefix, and the others are not looked at: `v0=` beside `v1=` is
 * a scheme that the profile does not know, and it never falls back to one.
 */
import { type Denial, deny } from "../../errors.js";

export interface Carrier {
  /** Name of the header. */
  readonly header: string;
  /** What stands before the value: `sha256=`, `v0=`, `t=`. Default: nothing. */
  readonly prefix?: string;
  /** Given when the header is a list: what stands between its items. A list may hold several signatures. */
  readonly separator?: "," | " ";
}

export interface ValueGrammar {
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly expected: string;
  /** How many values may stand in a list. Default 1. */
  readonly maxValues?: number;
}

/** A longer header is no proof. */
const MAX_HEADER_LENGTH = 4096;

/**
 * @param field the header's value, undefined when absent; several fields joined by LF, which no grammar holds
 * @returns at least one value, each in the grammar
 */
export function carriedValues({ header, prefix = "", separator }: Carrier, field = "", grammar: ValueGrammar): string[] | Denial {
  const malformed = (found: string) => deny("PROOF_MALFORMED", { part: header.toLowerCase(), expected: grammar.expected, found });
  if (field.includes("\n")) return malformed("more than one line");
  if (field.length > MAX_HEADER_LENGTH) return malformed(`${field.length} characters`);
  const items = separator === undefined ? [field] : field.split(separator);
  const values = items.filter((item) => item.startsWith(prefix)).map((item) => item.slice(prefix.length));
  if (values.length === 0 || field === "") return malformed("nothing");
  const { minLength, maxLength, pattern, maxValues = 1 } = grammar;
  if (values.length > maxValues) return malformed(`${values.length} values`);
  const wrong = values.find((value) => value.length < minLength || value.length > maxLength || !pattern.test(value));
  return wrong === undefined ? values : malformed(`${wrong.length} characters`);
}

/** Writes values to where `carriedValues` reads them: one header a name, list items in the order given. */
export function carry(values: readonly (readonly [carrier: Carrier, value: string])[]): [header: string, value: string][] {
  const fields = new Map<string, [header: string, value: string]>();
  for (const [{ header, prefix = "", separator }, value] of values) {
    const field = fields.get(header.toLowerCase());
    if (field) field[1] += `${separator}${prefix}${value}`;
    else fields.set(header.toLowerCase(), [header, prefix + value]);
  }
  return [...fields.values()];
}
