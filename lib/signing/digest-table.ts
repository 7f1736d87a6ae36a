/**
 * A set of texts held as 128-bit digests in flat arrays, each at a small number, its slot, to which the owner of the
 * table ties what else it knows. A million entries take 25 MB and give the garbage collector nothing to trace; a Map of
 * strings takes several times that and halts the process whenever it grows. Open addressing with linear probing and
 * backward-shift deletion (Knuth, TAOCP 3, section 6.4, algorithm R).
 */
import { hash } from "node:crypto";

const WORDS = 4;

const bytes = Buffer.alloc(32);
const words = new Int32Array(bytes.buffer, bytes.byteOffset, WORDS);

/** The first 128 bits of the text's SHA-256. The array is overwritten by the next call. */
export function digestOf(text: string): Int32Array {
  bytes.write(hash("sha256", text, "binary"), "binary");
  return words;
}

export class DigestTable {
  /** At a digest's home position, or the first empty one after it, stands its slot; 0 is empty. At most half is used. */
  readonly #positions: Int32Array;
  readonly #mask: number;
  readonly #digests: Int32Array;
  readonly #freed: number[] = [];
  #size = 0;

  constructor(capacity: number) {
    const length = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#positions = new Int32Array(length);
    this.#mask = length - 1;
    this.#digests = new Int32Array((capacity + 1) * WORDS);
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of a digest, 0 when it is not in the table. */
  find(digest: Int32Array): number {
    return this.#positions[this.#seek(digest)]!;
  }

  /** Takes a digest in that is not in the table and for which there is room. @returns its slot, from 1 to the capacity */
  add(digest: Int32Array): number {
    const slot = this.#freed.pop() ?? this.#size + 1;
    this.#digests.set(digest, slot * WORDS);
    this.#positions[this.#seek(digest)] = slot;
    this.#size += 1;
    return slot;
  }

  remove(slot: number): void {
    const positions = this.#positions;
    let hole = this.#home(slot);
    while (positions[hole] !== slot) hole = this.#after(hole);
    // Whatever stands further from its home than from the hole moves into the hole, or probing would stop short of it.
    for (let next = this.#after(hole); positions[next] !== 0; next = this.#after(next)) {
      if (((next - this.#home(positions[next]!)) & this.#mask) >= ((next - hole) & this.#mask)) {
        positions[hole] = positions[next]!;
        hole = next;
      }
    }
    positions[hole] = 0;
    this.#freed.push(slot);
    this.#size -= 1;
  }

  /** The position at which a digest stands, or would. */
  #seek(digest: Int32Array): number {
    const digests = this.#digests;
    let position = digest[0]! & this.#mask;
    for (let slot = this.#positions[position]!; slot !== 0; slot = this.#positions[position]!) {
      const at = slot * WORDS;
      if (digests[at] === digest[0] && digests[at + 1] === digest[1] && digests[at + 2] === digest[2] && digests[at + 3] === digest[3])
        break;
      position = this.#after(position);
    }
    return position;
  }

  #home(slot: number): number {
    return this.#digests[slot * WORDS]! & this.#mask;
  }

  #after(position: number): number {
    return (position + 1) & this.#mask;
  }
}
