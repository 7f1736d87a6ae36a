/**
 * The rendered forms of a secret, as one kind of pattern: a sequence of characters, each with every way it can be
 * written. So a text that mixes escapes is found too, and base64 inside JSON inside a URL. The closed list: raw, percent,
 * JSON and HTML escapes, hex, and base64 at its three alignments in both alphabets, which covers Basic. (THREATS 3)
 */
import { isUtf8 } from "node:buffer";

/** One way to write a character. */
export interface Spelling {
  readonly bytes: Uint8Array;
  /** Offset at which any number of zeros may stand, as HTML allows in numbers; -1: nowhere. */
  readonly zerosAt: number;
}

/** All ways to write one character. */
type Spellings = readonly Spelling[];

export type Needle = readonly Spellings[];

/** Named character references of ASCII punctuation (HTML Living Standard, section 13.5), with those that have two names. */
// biome-ignore format: a table
const HTML_NAMES: Readonly<Record<string, readonly string[]>> = {
  "!": ["excl"], '"': ["quot", "QUOT"], "#": ["num"], $: ["dollar"], "%": ["percnt"], "&": ["amp", "AMP"], "'": ["apos"],
  "(": ["lpar"], ")": ["rpar"], "*": ["ast", "midast"], "+": ["plus"], ",": ["comma"], ".": ["period"], "/": ["sol"],
  ":": ["colon"], ";": ["semi"], "<": ["lt", "LT"], "=": ["equals"], ">": ["gt", "GT"], "?": ["quest"], "@": ["commat"],
  "[": ["lsqb", "lbrack"], "\\": ["bsol"], "]": ["rsqb", "rbrack"], "^": ["Hat"], _: ["lowbar", "UnderBar"], "`": ["grave"],
  "{": ["lcub", "lbrace"], "|": ["verbar", "vert"], "}": ["rcub", "rbrace"],
};

/** JSON's short escapes (RFC 8259 section 7), and the space of HTML forms. */
const OTHER: Readonly<Record<string, readonly string[]>> = {
  '"': ['\\"'],
  "\\": ["\\\\"],
  "/": ["\\/"],
  "\b": ["\\b"],
  "\f": ["\\f"],
  "\n": ["\\n"],
  "\r": ["\\r"],
  "\t": ["\\t"],
  " ": ["+"],
};

/** Marks in an escape where zeros may stand. No escape holds it otherwise. */
const ZEROS = "~";

/** Hex digits in either case: `2f` gives `2f`, `2F`. */
const eitherCase = (hex: string): string[] => {
  const [first = "", ...rest] = hex;
  const tails = rest.length === 0 ? [""] : eitherCase(rest.join(""));
  return [...new Set([first.toLowerCase(), first.toUpperCase()])].flatMap((head) => tails.map((tail) => head + tail));
};

const hexOf = (bytes: Iterable<number>, digits = 2): string =>
  Array.from(bytes, (unit) => unit.toString(16).padStart(digits, "0")).join("");

/** @param bytes the character as it stands in the secret: UTF-8, or one byte that is no text */
function escapesOf(character: string | undefined, bytes: Uint8Array): string[] {
  const percent = eitherCase(hexOf(bytes)).map((hex) => hex.replace(/../g, "%$&"));
  if (character === undefined) return percent;
  const utf16 = eitherCase(hexOf(Uint16Array.from(character.split(""), code), 4)).map((hex) => hex.replace(/.{4}/g, "\\u$&"));
  const point = character.codePointAt(0)!;
  const hexes = eitherCase(point.toString(16));
  const numbers = [`&#~${point}`, ...hexes.flatMap((hex) => [`&#x~${hex}`, `&#X~${hex}`])];
  const names = (HTML_NAMES[character] ?? []).map((name) => `&${name}`);
  const script = bytes.length > 1 ? [] : eitherCase(hexOf(bytes)).map((hex) => `\\x${hex}`);
  const braces = hexes.map((hex) => `\\u{~${hex}}`);
  const references = [...numbers, ...names].flatMap((text) => [`${text};`, text]);
  return [...percent, ...utf16, ...references, ...script, ...braces, ...(OTHER[character] ?? [])];
}

const spellingOf = (text: string): Spelling => {
  const zerosAt = text.length > 1 ? text.indexOf(ZEROS) : -1;
  return { bytes: Buffer.from(zerosAt < 0 ? text : text.replace(ZEROS, "")), zerosAt };
};

/** Every way to write any of the given characters, which stand for one another. */
function spellings(...characters: (string | Uint8Array)[]): Spellings {
  const all = characters.flatMap((character) => {
    const isText = typeof character === "string";
    const bytes = isText ? Buffer.from(character) : character;
    return [{ bytes, zerosAt: -1 }, ...escapesOf(isText ? character : undefined, bytes).map(spellingOf)];
  });
  return all;
}

const code = (character: string): number => character.charCodeAt(0);

/** The characters of the URL-safe alphabet stand for those of the plain one. */
const BASE64_TWIN: Readonly<Record<string, string>> = { "+": "-", "/": "_" };

/**
 * The part of the base64 text that is the same whatever stands before and after the secret.
 * @param lead how many bytes of the three-byte group precede the secret
 */
function base64Needle(secret: Uint8Array, lead: 0 | 1 | 2): Needle {
  const text = Buffer.concat([Buffer.alloc(lead), secret]).toString("base64");
  const first = Math.ceil((lead * 8) / 6);
  const last = Math.floor(((lead + secret.length) * 8) / 6);
  return [...text.slice(first, last)].map((character) => {
    const twin = BASE64_TWIN[character];
    return twin === undefined ? spellings(character) : spellings(character, twin);
  });
}

/** The characters of UTF-8 text, or the bytes of what is none. */
const charactersOf = (secret: Uint8Array): readonly (string | Uint8Array)[] =>
  isUtf8(secret) ? [...Buffer.from(secret).toString()] : Array.from(secret, (byte) => Uint8Array.of(byte));

export function needlesOf(secret: Uint8Array): readonly Needle[] {
  const text: Needle = charactersOf(secret).map((character) => spellings(character));
  const hex: Needle = [...hexOf(secret)].map((digit) => eitherCase(digit).map(spellingOf));
  return [text, hex, ...([0, 1, 2] as const).map((lead) => base64Needle(secret, lead))];
}
