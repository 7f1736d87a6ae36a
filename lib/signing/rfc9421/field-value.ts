/**
 * The value of a header or trailer field in the base (RFC 9421 section 2.1): lines trimmed, obsolete folds made one space,
 * joined by a comma. A value never holds a line break, so none can forge a line of the base.
 */
import type { HeaderList } from "../message.js";
import type { ComponentParameters } from "./component.js";
import { type FieldType, reserialise, reserialiseMember } from "./structured-fields.js";

export type FieldTypes = Readonly<Record<string, FieldType>>;

/** Fields whose structured type their own specification fixes. */
export const KNOWN_FIELD_TYPES: FieldTypes = {
  "accept-signature": "dictionary",
  "cache-status": "list",
  "client-cert": "item",
  "client-cert-chain": "list",
  "content-digest": "dictionary",
  priority: "dictionary",
  "proxy-status": "list",
  "repr-digest": "dictionary",
  signature: "dictionary",
  "signature-input": "dictionary",
  "want-content-digest": "dictionary",
  "want-repr-digest": "dictionary",
};

/** Printable ASCII and tabs: what else there is needs `bs`. */
const PLAIN = /^[\t\x20-\x7e]*$/;
const BYTES = /^[\t\x20-\xff]*$/;

/** @returns undefined when the field is absent, or has no such form */
export function fieldValue(
  headers: HeaderList,
  name: string,
  { sf, bs, key }: ComponentParameters,
  type: FieldType | undefined,
): string | undefined {
  const lines: string[] = [];
  for (const [field, value] of headers) {
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    const line = unfolded(value);
    if (line === undefined || !(bs ? BYTES : PLAIN).test(line)) return undefined;
    lines.push(bs ? `:${Buffer.from(line, "latin1").toString("base64")}:` : line);
  }
  if (lines.length === 0) return undefined;
  const combined = lines.join(", ");
  if (key !== undefined) return type === "dictionary" ? reserialiseMember(combined, key) : undefined;
  if (sf) return type && reserialise(combined, type);
  return combined;
}

/** @returns undefined when a line break is no fold: it would start another field */
function unfolded(value: string): string | undefined {
  if (!value.includes("\n")) return trimmed(value);
  const lines = value.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.slice(1).some((line) => !isBlank(line.charCodeAt(0)))) return undefined;
  return trimmed(lines.map(trimmed).join(" "));
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Without spaces and tabs at either end; `trim` would drop what is no white space in HTTP. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
