/**
 * Masks every rendered form of the given secrets in a stream of bytes, at equal length, wherever chunks are cut. Bytes
 * are held back only while they may be the beginning of a hit, so that an event of a stream goes on as soon as it comes.
 */
import { type Needle, needlesOf, type Spelling } from "./needle.js";

const MASK = "*".charCodeAt(0);
const NONE = -1;
/** The bytes at hand end inside what may become a hit. */
const UNDECIDED = -2;
const NOTHING: Uint8Array = new Uint8Array(0);

/** What to search for, compiled once for a set of secrets. */
export interface ScrubList {
  /** Needles by the byte they can begin with. */
  readonly byFirstByte: readonly (readonly Needle[])[];
  /** 1 at `first * 256 + second` where a needle can begin with these two bytes: few places of a text need a closer look. */
  readonly beginnings: Uint8Array;
}

export function scrubList(secrets: readonly Uint8Array[]): ScrubList {
  const byFirstByte = Array.from({ length: 256 }, (): Needle[] => []);
  const beginnings = new Uint8Array(256 * 256);
  for (const needle of secrets.flatMap(needlesOf)) {
    const [first, second = []] = needle as readonly [Needle[0], Needle[1]?];
    for (const byte of new Set(first!.map(({ bytes }) => bytes[0]!))) byFirstByte[byte]!.push(needle);
    for (const { bytes } of first!) {
      const nexts = bytes.length > 1 ? [bytes] : second.map((next) => [bytes[0]!, next.bytes[0]!]);
      for (const [one, two] of nexts) beginnings[one! * 256 + two!] = 1;
    }
  }
  return { byFirstByte, beginnings };
}

export class Scrubber {
  /** Hits so far. */
  hits = 0;
  #held: Uint8Array = NOTHING;

  constructor(readonly list: ScrubList) {}

  /** @returns what may go on now; the chunk given is never changed */
  write(chunk: Uint8Array): Uint8Array {
    return this.#scan(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** @returns what was still held back */
  end(): Uint8Array {
    return this.#scan(this.#held, true);
  }

  #scan(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const { beginnings } = this.list;
    const last = bytes.length - 1;
    let out = bytes;
    this.#held = NOTHING;
    for (let at = 0; at <= last; ) {
      if (at < last && beginnings[bytes[at]! * 256 + bytes[at + 1]!] === 0) {
        at++;
        continue;
      }
      const end = this.#hitAt(bytes, at, isLast);
      if (end === UNDECIDED) {
        this.#held = bytes.subarray(at);
        return out.subarray(0, at);
      }
      if (end === NONE) at++;
      else {
        if (out === bytes) out = Uint8Array.from(bytes);
        out.fill(MASK, at, end);
        this.hits++;
        at = end;
      }
    }
    return out;
  }

  /** @returns the end of the longest hit that begins here, NONE or UNDECIDED */
  #hitAt(bytes: Uint8Array, at: number, isLast: boolean): number {
    let longest = NONE;
    for (const needle of this.list.byFirstByte[bytes[at]!]!) {
      const end = match(needle, bytes, at, isLast);
      if (end === UNDECIDED) return UNDECIDED;
      longest = Math.max(longest, end);
    }
    return longest;
  }
}

/** Follows all readings at once, so that no text makes it try them one after another. @returns the end of the longest */
function match(needle: Needle, bytes: Uint8Array, at: number, isLast: boolean): number {
  let ends = [at];
  let isUndecided = false;
  for (const spellings of needle) {
    const next: number[] = [];
    for (const end of ends) {
      for (const spelling of spellings) {
        const reached = after(spelling, bytes, end);
        if (reached === UNDECIDED) isUndecided = !isLast;
        else if (reached !== NONE && !next.includes(reached)) next.push(reached);
      }
    }
    ends = next;
    if (ends.length === 0) break;
  }
  return isUndecided ? UNDECIDED : Math.max(NONE, ...ends);
}

/** Past so many zeros a number is no longer taken for an escape, so that no text is held back without end. */
const MAX_ZEROS = 64;
const ZERO = "0".charCodeAt(0);

/** @returns where the text goes on after the spelling, NONE, or UNDECIDED when it ends inside it */
function after({ bytes, zerosAt }: Spelling, text: Uint8Array, at: number): number {
  let position = at;
  for (let offset = 0; offset < bytes.length; offset++) {
    if (offset === zerosAt) for (let zeros = 0; zeros < MAX_ZEROS && text[position] === ZERO; zeros++) position++;
    if (position === text.length) return UNDECIDED;
    if (text[position++] !== bytes[offset]) return NONE;
  }
  return position;
}

/** A whole text of bytes, such as a header value. One character a byte. */
export function scrubText(list: ScrubList, text: string): { text: string; hits: number } {
  const scrubber = new Scrubber(list);
  const scrubbed = Buffer.concat([scrubber.write(Buffer.from(text, "latin1")), scrubber.end()]);
  return { text: scrubber.hits === 0 ? text : scrubbed.toString("latin1"), hits: scrubber.hits };
}
