/**
 * Claims and their audit intents on the local disk, for any number of processes. A claim is judged and written within
 * one write transaction, and transactions run one at a time: of any number of copies of a request exactly one is
 * committed, also after a restart (THREATS 16). Entries are bounded and never evicted early (THREATS 17).
 */
import { SallyportError } from "../../errors.js";
import type { Commit, CommitResult, CommitStore } from "../../ports.js";
import { type Claim, type ClaimLedger, claimKey, openClaimLedger } from "./claim-ledger.js";
import { groupCommit } from "./group-commit.js";

export interface LmdbCommitStoreOptions {
  /** A folder; made with mode 0700. */
  readonly path: string;
  /** Claims held at a time. Default: 1,000,000. */
  readonly maxClaims?: number;
  /** How many of them one owner may hold. Default: half. */
  readonly maxClaimsPerOwner?: number;
}

export interface LmdbCommitStore extends CommitStore {
  /** Waits for what was asked, then closes. Later calls fail. */
  close(): Promise<void>;
}

const PURGE_INTERVAL_MS = 1000;
const PURGE_BATCH = 1000;

/** @throws {STORE_UNUSABLE} */
export const openLmdbCommitStore = (options: LmdbCommitStoreOptions): LmdbCommitStore => {
  const { path, maxClaims = 1_000_000, maxClaimsPerOwner = Math.ceil(maxClaims / 2) } = options;
  const ledger = openLedger(path);

  // One transaction, one sync, for all that is asked at a time.
  const writer = groupCommit<() => unknown, unknown>((steps) => ledger.transaction(() => steps.map((step) => step())));
  const transact = async <Result>(step: () => Result): Promise<Result> => {
    try {
      return (await writer.submit(step)) as Result;
    } catch (cause) {
      throw unavailable(cause);
    }
  };

  const decide = (claim: Claim, now: number): CommitResult => {
    const heldUntil = ledger.expiryOf(claim.key);
    if (heldUntil !== undefined && heldUntil >= now) return "replayed";
    // A claim that has expired, or would have been purged under a clock that was set back since, cannot be told from a
    // used one.
    if (claim.expiresAt < now || claim.expiresAt <= ledger.purgedUpTo()) return "replayed";
    if (heldUntil !== undefined) ledger.remove(claim.key);
    const isFull = () => ledger.claims() >= maxClaims || ledger.claimsOf(claim.owner) >= maxClaimsPerOwner;
    if (isFull() && (ledger.purge(now, PURGE_BATCH) === 0 || isFull())) return "full";
    ledger.add(claim);
    return "committed";
  };

  let purgedAt = Number.NEGATIVE_INFINITY;
  const purge = async (now: number): Promise<void> => {
    // Counted either way, so that a clock that was set back does not stop it.
    if (Math.abs(now - purgedAt) < PURGE_INTERVAL_MS) return;
    purgedAt = now;
    while ((await transact(() => ledger.purge(now, PURGE_BATCH))) === PURGE_BATCH);
  };

  return {
    async commit(commit, now) {
      const claim = claimOf(commit);
      const result = transact(() => decide(claim, now));
      purge(now).catch(() => {}); // A store that fails says so in its commits.
      return result;
    },
    release: (claim) => transact(() => ledger.remove(claimKey(claim))),
    async close() {
      await writer.idle();
      await ledger.close();
    },
  };
};

const openLedger = (path: string): ClaimLedger => {
  try {
    return openClaimLedger(path);
  } catch (cause) {
    throw new SallyportError("STORE_UNUSABLE", { path }, { message: `${path}: ${cause instanceof Error ? cause.message : cause}`, cause });
  }
};

const claimOf = ({ claim, expiresAt, owner, intent }: Commit): Claim => {
  if (!(expiresAt >= 0)) throw unavailable(new RangeError("expiresAt must be milliseconds since the epoch"));
  try {
    return { key: claimKey(claim), expiresAt, owner, intent: JSON.stringify(intent) };
  } catch (cause) {
    throw unavailable(cause);
  }
};

const unavailable = (cause: unknown): SallyportError => {
  // lmdb keeps the reason of a failed transaction in a second promise, which nobody else handles.
  if (cause instanceof Error && "commitError" in cause) Promise.resolve(cause.commitError).catch(() => {});
  return new SallyportError("COMMIT_UNAVAILABLE", { problem: cause instanceof Error ? cause.message : String(cause) }, { cause });
};
