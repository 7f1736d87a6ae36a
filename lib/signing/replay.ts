/**
 * Which signed requests were used, in memory: the second copy of a request finds its claim taken (replay). The store is
 * bounded and never makes room early: who fills it is refused, and no used request becomes valid again. It knows what
 * its own process saw; several instances, or a restart, need a durable store.
 */
import type { Commit, CommitResult, CommitStore } from "../ports.js";
import { DigestTable, digestOf } from "./digest-table.js";
import { invalidInput } from "./invalid-input.js";

export interface MemoryCommitStoreOptions {
  /** Claims held at once, from 1 to 10,000,000. Default 1,000,000: about 90 MB when full. */
  readonly maxClaims?: number;
  /** Claims held at once for one owner. Default half of `maxClaims`, so that no owner shuts out the others. */
  readonly maxClaimsPerOwner?: number;
}

interface Owner {
  readonly name: string;
  claims: number;
}

/** A `CommitStore` that keeps claims, not their intents. */
export class MemoryCommitStore implements CommitStore {
  readonly #maxClaims: number;
  readonly #maxClaimsPerOwner: number;
  readonly #owners = new Map<string, Owner>();
  readonly #table: DigestTable;
  readonly #ownerOf: Owner[] = [];
  /** Whole second of expiry, rounded up → the slot that leads a doubly linked list of all that expire in it. */
  readonly #expiring = new Map<number, number>();
  readonly #expiresAtSecond: Float64Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #sweptSecond = 0;
  #forgottenSecond = 0;

  /** @throws {INPUT_INVALID} when a limit is out of its range */
  constructor({ maxClaims = 1_000_000, maxClaimsPerOwner = Math.ceil(maxClaims / 2) }: MemoryCommitStoreOptions = {}) {
    for (const [part, value] of Object.entries({ maxClaims, maxClaimsPerOwner })) {
      if (!Number.isInteger(value) || value < 1 || value > 10_000_000) {
        throw invalidInput({ part, expected: "a whole number from 1 to 10000000", found: value });
      }
    }
    this.#maxClaims = maxClaims;
    this.#maxClaimsPerOwner = maxClaimsPerOwner;
    this.#table = new DigestTable(maxClaims);
    this.#expiresAtSecond = new Float64Array(maxClaims + 1);
    this.#next = new Int32Array(maxClaims + 1);
    this.#previous = new Int32Array(maxClaims + 1);
  }

  // No await inside: of concurrent commits the first to run wins.
  async commit({ claim, expiresAt, owner: name }: Commit, now: number): Promise<CommitResult> {
    this.#forgetExpired(now);
    const second = Math.ceil(expiresAt / 1000);
    // A claim as old as one that was forgotten may have been used: the clock ran back, or judging it took too long.
    if (!(expiresAt >= now && second > this.#forgottenSecond)) return "replayed";
    const digest = digestOf(claim);
    if (this.#table.find(digest) !== 0) return "replayed";
    const owner = this.#owners.get(name) ?? { name, claims: 0 };
    if (this.#table.size >= this.#maxClaims || owner.claims >= this.#maxClaimsPerOwner) return "full";

    const slot = this.#table.add(digest);
    this.#link(slot, second);
    this.#ownerOf[slot] = owner;
    owner.claims += 1;
    if (owner.claims === 1) this.#owners.set(name, owner);
    return "committed";
  }

  async release(claim: string): Promise<void> {
    const slot = this.#table.find(digestOf(claim));
    if (slot !== 0) this.#forget(slot);
  }

  /** Once a second at most it looks at the seconds, never at all claims; each claim is forgotten once. */
  #forgetExpired(now: number): void {
    const currentSecond = Math.ceil(now / 1000);
    if (!(currentSecond > this.#sweptSecond)) return;
    this.#sweptSecond = currentSecond;
    for (const second of this.#expiring.keys()) {
      if (second >= currentSecond) continue;
      for (let slot = this.#expiring.get(second); slot !== undefined; slot = this.#expiring.get(second)) this.#forget(slot);
      this.#forgottenSecond = Math.max(this.#forgottenSecond, second);
    }
  }

  #forget(slot: number): void {
    this.#unlink(slot);
    this.#table.remove(slot);
    const owner = this.#ownerOf[slot]!;
    owner.claims -= 1;
    if (owner.claims === 0) this.#owners.delete(owner.name);
  }

  #link(slot: number, second: number): void {
    const first = this.#expiring.get(second) ?? 0;
    this.#expiresAtSecond[slot] = second;
    this.#next[slot] = first;
    this.#previous[slot] = 0;
    this.#previous[first] = slot;
    this.#expiring.set(second, slot);
  }

  #unlink(slot: number): void {
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    this.#previous[next] = previous;
    if (previous !== 0) this.#next[previous] = next;
    else if (next !== 0) this.#expiring.set(this.#expiresAtSecond[slot]!, next);
    else this.#expiring.delete(this.#expiresAtSecond[slot]!);
  }
}
