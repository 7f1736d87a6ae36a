/**
 * The rendered forms of a secret, as one kind of pattern: a sequence of characters, each with every way it can be
 * written. So a text that mixes escapes is found too, and base64 inside JSON inside a URL. The closed list: raw, percent,
 * JSON and HTML escapes, hex, and base64 at its three alignments in both alphabets, which covers Basic. (THREATS 3)
 */

/** All ways to write one character, each as bytes; the longest first, so that `%25` is not taken for a raw `%`. */
type Spellings = readonly Uint8Array[];

export type Needle = readonly Spellings[];

const NAMED_ENTITIES: Readonly<Record<string, readonly string[]>> = {
  "&": ["&amp;", "&AMP;"],
  "<": ["&lt;", "&LT;"],
  ">": ["&gt;", "&GT;"],
  '"': ["&quot;", "&QUOT;"],
  "'": ["&apos;"],
  "/": ["&sol;"],
  "+": ["&plus;"],
  "=": ["&equals;"],
};

const JSON_SHORT: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "/": "\\/", "\t": "\\t" };

/** Hex digits in either case: `2f` gives `2f`, `2F`. */
const eitherCase = (hex: string): string[] => {
  const [first = "", ...rest] = hex;
  const tails = rest.length === 0 ? [""] : eitherCase(rest.join(""));
  return [...new Set([first.toLowerCase(), first.toUpperCase()])].flatMap((head) => tails.map((tail) => head + tail));
};

const hexOf = (byte: number): string => byte.toString(16).padStart(2, "0");

function textSpellings(byte: number): string[] {
  const character = String.fromCharCode(byte);
  const hex = eitherCase(hexOf(byte));
  const escaped = hex.map((digits) => `%${digits}`);
  if (character === " ") escaped.push("+");
  if (byte >= 0x80) return escaped;
  const short = JSON_SHORT[character];
  return [
    ...escaped,
    ...hex.flatMap((digits) => [`\\u00${digits}`, `\\x${digits}`, `&#x${digits};`, `&#X${digits};`]),
    ...["", "0", "00"].map((zeros) => `&#${zeros}${byte};`),
    ...(NAMED_ENTITIES[character] ?? []),
    ...(short === undefined ? [] : [short]),
  ];
}

function spellings(...bytes: number[]): Spellings {
  const texts = new Set(bytes.flatMap(textSpellings));
  const raw = bytes.map((byte) => Uint8Array.of(byte));
  return [...raw, ...[...texts].map((text) => Buffer.from(text, "latin1"))].sort((a, b) => b.length - a.length);
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
    return twin === undefined ? spellings(code(character)) : spellings(code(character), code(twin));
  });
}

export function needlesOf(secret: Uint8Array): readonly Needle[] {
  const text: Needle = [...secret].map((byte) => spellings(byte));
  const hex: Needle = [...secret].flatMap((byte) =>
    [...hexOf(byte)].map((digit) => eitherCase(digit).map((either) => Uint8Array.of(code(either)))),
  );
  return [text, hex, ...([0, 1, 2] as const).map((lead) => base64Needle(secret, lead))];
}
