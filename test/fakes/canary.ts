/**
 * The oracle for "no credential leaves except to its upstream": a canary is a secret made to be searched for, and the
 * search knows every spelling of it that a response, a log or a file could hold. Written apart from the product's
 * scrubber and sharing no code with it, so that one mistake cannot hide in both.
 */
import { randomBytes } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join, relative } from "node:path";

/** The spelling of a secret that a leak could have. */
export interface CanaryForm {
  /** `raw`, `percent-upper`, `json-unicode-lower`, `base64-1`, `base64url-1`, … */
  readonly form: string;
  readonly bytes: Buffer;
}

export interface CanaryHit {
  /** `raw`, `percent`, `json`, `html`, `hex`, or `base64-0`, `-1`, `-2` by alignment. */
  readonly form: string;
  /** Byte offset in the haystack. */
  readonly offset: number;
  /** Which of the values was found. */
  readonly index: number;
}

export interface CanaryFileHit extends CanaryHit {
  /** Path of the file, folder or link, relative to the folder that was searched. */
  readonly path: string;
  readonly place: "name" | "content" | "link target";
}

/** Below this a value could stand in innocent data by chance. */
const MIN_VALUE_BYTES = 12;

/** Each is changed by some encoding; three `~` and three `?` give `+` and `/` in base64 at every alignment. */
const TELLING_CHARACTERS = "~~~???/+\"&<>'\\%";

/**
 * Makes a unique secret of at least 60 visible ASCII characters, fit for an HTTP header value.
 * @param name letters, digits and `-`; says in a failing test which secret it was
 */
export const canary = (name: string): string => `canary-${name}-${TELLING_CHARACTERS}${randomBytes(16).toString("hex")}`;

// biome-ignore format: a table
const HTML_NAMES: Readonly<Record<string, string>> = {
  "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "/": "sol", "\\": "bsol", "+": "plus", "%": "percnt", "?": "quest", "=": "equals",
};

const hex = (text: string) => Buffer.from(text, "utf8").toString("hex");
const percent = (text: string) => hex(text).replace(/../g, "%$&");
const short = (character: string) => JSON.stringify(character).slice(1, -1);
const utf16Hex = (character: string) => Buffer.from(character, "utf16le").swap16().toString("hex");
const point = (character: string) => character.codePointAt(0)!;

/** How one character is spelled, by form. The part of the name before `-` is the family, within which spellings may mix. */
const SPELLINGS: Readonly<Record<string, (character: string) => string>> = {
  raw: (character) => character,
  "percent-upper": (character) => encodeURIComponent(character),
  "percent-lower": (character) => encodeURIComponent(character).replace(/%../g, (triple) => triple.toLowerCase()),
  "percent-form": (character) => new URLSearchParams({ v: character }).toString().slice("v=".length),
  "percent-every-upper": (character) => percent(character).toUpperCase(),
  "percent-every-lower": percent,
  json: short,
  "json-slash": (character) => (character === "/" ? "\\/" : short(character)),
  "json-unicode-lower": (character) => utf16Hex(character).replace(/.{4}/g, "\\u$&"),
  "json-unicode-upper": (character) => utf16Hex(character).toUpperCase().replace(/.{4}/g, "\\u$&"),
  "html-named": (character) => (character in HTML_NAMES ? `&${HTML_NAMES[character]};` : character),
  "html-decimal": (character) => `&#${point(character)};`,
  "html-decimal-padded": (character) => `&#${String(point(character)).padStart(3, "0")};`,
  "html-hex-lower": (character) => `&#x${point(character).toString(16)};`,
  "html-hex-upper": (character) => `&#X${point(character).toString(16).toUpperCase()};`,
  "hex-lower": hex,
  "hex-upper": (character) => hex(character).toUpperCase(),
};

/** The characters of base64 that depend on the value alone, when it begins `alignment` bytes into a group of three. */
function base64Core(value: string, alignment: number): string {
  const bytes = Buffer.concat([Buffer.alloc(alignment), Buffer.from(value, "utf8")]);
  return bytes.toString("base64").slice(Math.ceil((alignment * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

const ALIGNMENTS = [0, 1, 2];

/** Every pure spelling of a value: what a test plants. {@link findCanary} also finds mixtures within a family. */
export function canaryForms(value: string): CanaryForm[] {
  const spelled = Object.entries(SPELLINGS).map(([form, spell]) => ({ form, text: Array.from(value, spell).join("") }));
  const base64 = ALIGNMENTS.map((alignment) => ({ form: `base64-${alignment}`, text: base64Core(value, alignment) }));
  const base64url = base64.map(({ form, text }) => ({
    form: form.replace("base64", "base64url"),
    text: text.replaceAll("+", "-").replaceAll("/", "_"),
  }));
  return [...spelled, ...base64, ...base64url].map(({ form, text }) => ({ form, bytes: Buffer.from(text, "utf8") }));
}

const FAMILIES = [...new Set(Object.keys(SPELLINGS).map((form) => form.split("-")[0]!))];

/** Haystacks are searched as Latin-1, one character a byte, so that any file can be searched and offsets are bytes. */
const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const quoted = (text: string) => latin1(text).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function familyPattern(family: string, value: string): RegExp {
  const spellings = Object.entries(SPELLINGS).filter(([form]) => form === "raw" || form.startsWith(family));
  const anySpelling = (character: string) => [...new Set(spellings.map(([, spell]) => quoted(spell(character))))].join("|");
  return new RegExp(Array.from(value, (character) => `(?:${anySpelling(character)})`).join(""), "g");
}

const base64Pattern = (value: string, alignment: number) =>
  new RegExp(base64Core(value, alignment).replaceAll("+", "[+-]").replaceAll("/", "[/_]"), "g");

function patterns(value: string): { form: string; pattern: RegExp }[] {
  if (Buffer.byteLength(value) < MIN_VALUE_BYTES) throw new Error(`a value of fewer than ${MIN_VALUE_BYTES} bytes can be found by chance`);
  return [
    ...FAMILIES.map((family) => ({ form: family, pattern: familyPattern(family, value) })),
    ...ALIGNMENTS.map((alignment) => ({ form: `base64-${alignment}`, pattern: base64Pattern(value, alignment) })),
  ];
}

/**
 * Every place where a value stands in any spelling; one hit an offset, `raw` before the other forms.
 * @param haystack bytes, or text that is searched as UTF-8
 * @param values the secrets; at least one, each of at least 12 bytes, else the search could not fail
 */
export function findCanary(haystack: Uint8Array | string, values: readonly string[]): CanaryHit[] {
  if (values.length === 0) throw new Error("a search for no value cannot fail");
  const text = typeof haystack === "string" ? latin1(haystack) : Buffer.from(haystack).toString("latin1");
  return values.flatMap((value, index) => {
    const formAt = new Map<number, string>();
    for (const { form, pattern } of patterns(value)) {
      for (const match of text.matchAll(pattern)) if (!formAt.has(match.index)) formAt.set(match.index, form);
    }
    return [...formAt].map(([offset, form]) => ({ form, offset, index }));
  });
}

/** Searches every name, file content and link target below a folder. Links are never followed. */
export async function scanTree(folder: string, values: readonly string[]): Promise<CanaryFileHit[]> {
  const hits: CanaryFileHit[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file);
    const search = (place: CanaryFileHit["place"], data: Uint8Array | string) =>
      hits.push(...findCanary(data, values).map((hit) => ({ path, place, ...hit })));
    search("name", path);
    if (entry.isFile()) search("content", await readFile(file));
    if (entry.isSymbolicLink()) search("link target", await readlink(file));
  }
  return hits;
}

/**
 * Fails when a channel (a response, a log, a plan) holds a value.
 * @throws Error that names channel, form and offset of every hit, and no secret
 */
export function expectNoCanary(channel: string, data: Uint8Array | string, values: readonly string[]): void {
  const hits = findCanary(data, values);
  if (hits.length === 0) return;
  const places = hits.map(({ form, offset, index }) => `value ${index} as ${form} at byte ${offset}`);
  throw new Error(`canary in ${channel}: ${places.join(", ")}`);
}
