/**
 * Masks every rendered form of the given secrets in a stream of bytes, at equal length, wherever chunks are cut. Bytes
 * are held back only while they may be the beginning of a hit, so that an event of a stream goes on as soon as it comes.
 */
import { type Needle, needlesOf } from "./needle.js";

const MASK = "*".charCodeAt(0);
const NONE = -1;
/** The bytes at hand end inside what may become a hit. */
const UNDECIDED = -2;
const NOTHING: Uint8Array = new Uint8Array(0);

/** What to search for, compiled once for a set of secrets. */
export interface ScrubList {
  /** Needles by the byte they can begin with; undefined where none does. */
  readonly byFirstByte: readonly (readonly Needle[] | undefined)[];
}

export function scrubList(secrets: readonly Uint8Array[]): ScrubList {
  const byFirstByte = new Array<Needle[] | undefined>(256).fill(undefined);
  for (const needle of secrets.flatMap(needlesOf)) {
    for (const byte of new Set(needle[0]!.map((spelling) => spelling[0]!))) byFirstByte[byte] = [...(byFirstByte[byte] ?? []), needle];
  }
  return { byFirstByte };
}

export class Scrubber {
  /** Hits so far. */
  hits = 0;
  #held: Uint8Array = NOTHING;
  readonly #starts: Uint8Array;

  constructor(readonly list: ScrubList) {
    this.#starts = Uint8Array.from(list.byFirstByte, (needles) => (needles === undefined ? 0 : 1));
  }

  /** @returns what may go on now; the chunk given is never changed */
  write(chunk: Uint8Array): Uint8Array {
    return this.#scan(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** @returns what was still held back */
  end(): Uint8Array {
    return this.#scan(this.#held, true);
  }

  #scan(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const starts = this.#starts;
    let out = bytes;
    this.#held = NOTHING;
    for (let at = 0; at < bytes.length; ) {
      if (starts[bytes[at]!] === 0) {
        at++;
        continue;
      }
      const end = this.#hitAt(bytes, at);
      if (end === UNDECIDED && !isLast) {
        this.#held = bytes.subarray(at);
        return out.subarray(0, at);
      }
      if (end < 0) at++;
      else {
        if (out === bytes) out = Uint8Array.from(bytes);
        out.fill(MASK, at, end);
        this.hits++;
        at = end;
      }
    }
    return out;
  }

  /** @returns the end of a hit that begins here, NONE or UNDECIDED */
  #hitAt(bytes: Uint8Array, at: number): number {
    let verdict = NONE;
    for (const needle of this.list.byFirstByte[bytes[at]!]!) {
      const end = match(needle, 0, bytes, at);
      if (end >= 0) return end;
      if (end === UNDECIDED) verdict = UNDECIDED;
    }
    return verdict;
  }
}

function match(needle: Needle, index: number, bytes: Uint8Array, at: number): number {
  if (index === needle.length) return at;
  let verdict = NONE;
  for (const spelling of needle[index]!) {
    const next = after(spelling, bytes, at);
    const end = next < 0 ? next : match(needle, index + 1, bytes, next);
    if (end >= 0) return end;
    if (end === UNDECIDED) verdict = UNDECIDED;
  }
  return verdict;
}

/** @returns where the bytes go on after the spelling, NONE, or UNDECIDED when they end inside it */
function after(spelling: Uint8Array, bytes: Uint8Array, at: number): number {
  for (let offset = 0; offset < spelling.length; offset++) {
    if (at + offset === bytes.length) return UNDECIDED;
    if (bytes[at + offset] !== spelling[offset]) return NONE;
  }
  return at + spelling.length;
}

/** A whole text of bytes, such as a header value. One character a byte. */
export function scrubText(list: ScrubList, text: string): { text: string; hits: number } {
  const scrubber = new Scrubber(list);
  const scrubbed = Buffer.concat([scrubber.write(Buffer.from(text, "latin1")), scrubber.end()]);
  return { text: scrubber.hits === 0 ? text : scrubbed.toString("latin1"), hits: scrubber.hits };
}
