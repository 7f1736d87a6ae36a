/** The claim store in memory: exactly one of any number of copies is committed; fails, is full, or forgets when told. */
import { SallyportError } from "../../lib/errors.js";
import type { Commit, CommitStore } from "../../lib/ports.js";

export interface MemoryCommitStore extends CommitStore {
  /** What was committed, in order, also what was released since. */
  readonly commits: readonly Commit[];
  /** Claims taken back, in order. */
  readonly released: readonly string[];
  /** From now on every commit throws. Default error: COMMIT_UNAVAILABLE. */
  fail(error?: Error): void;
  recover(): void;
  /** From now on nothing new is taken in. */
  fill(): void;
}

export function memoryCommitStore(): MemoryCommitStore {
  const expiries = new Map<string, number>();
  const commits: Commit[] = [];
  const released: string[] = [];
  let failure: Error | undefined;
  let isFull = false;
  return {
    commits,
    released,
    fail(error = new SallyportError("COMMIT_UNAVAILABLE")) {
      failure = error;
    },
    recover() {
      failure = undefined;
    },
    fill() {
      isFull = true;
    },
    async commit(commit, now) {
      if (failure) throw failure;
      if ((expiries.get(commit.claim) ?? Number.NEGATIVE_INFINITY) >= now) return "replayed";
      if (isFull) return "full";
      expiries.set(commit.claim, commit.expiresAt);
      commits.push(commit);
      return "committed";
    },
    async release(claim) {
      released.push(claim);
      expiries.delete(claim);
    },
  };
}
