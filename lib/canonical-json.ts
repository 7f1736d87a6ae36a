/**
 * One text for one JSON value (RFC 8785): members sorted by UTF-16 code units, numbers and strings as ECMAScript writes
 * them, no white space. Hashes of policies and audit events are taken over it, so that two spellings of one value can
 * neither pass for two values nor hide an edit.
 */
import { SallyportError } from "./errors.js";

/** Quotes, backslashes, control characters and surrogates: all but what stands for itself. */
const needsCare = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * `toJSON` is honoured as `JSON.stringify` does, so a SecretValue becomes `"[redacted]"`.
 * @throws {INPUT_INVALID} on what JSON cannot hold: undefined, NaN, infinities, bigint, functions, symbols, lone
 *   surrogates, array holes, and class instances without `toJSON`
 */
export const canonicalJson = (value: unknown): string => write(value, "");

/** The member names of an object in canonical order. */
export const canonicalNames = (object: object): string[] => {
  const names = Object.keys(object);
  // Most objects come sorted already; looking is cheaper than sorting.
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return names.sort();
  return names;
};

/** `"name":value`, to be put between braces and commas. */
export const canonicalMember = (name: string, value: unknown): string => `${quote(name, name)}:${write(value, name)}`;

const write = (value: unknown, member: string): string => {
  switch (typeof value) {
    case "string":
      return quote(value, member);
    case "number":
      return Number.isFinite(value) ? String(value) : refuse(member, String(value));
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : writeObject(value, member);
    default:
      return refuse(member, typeof value);
  }
};

const writeObject = (value: object, member: string): string => {
  let inner = "";
  if (Array.isArray(value)) {
    for (const item of value) inner += `,${write(item, member)}`;
    return `[${inner.slice(1)}]`;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(member), member);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse(member, value.constructor.name);
  for (const name of canonicalNames(value)) inner += `,${canonicalMember(name, (value as Record<string, unknown>)[name])}`;
  return `{${inner.slice(1)}}`;
};

const quote = (text: string, member: string): string => {
  if (!needsCare.test(text)) return `"${text}"`;
  return loneSurrogate.test(text) ? refuse(member, "a lone surrogate") : JSON.stringify(text);
};

const refuse = (member: string, found: string): never => {
  throw new SallyportError("INPUT_INVALID", { member, found }, { message: `canonical JSON cannot hold ${found} (member "${member}")` });
};
