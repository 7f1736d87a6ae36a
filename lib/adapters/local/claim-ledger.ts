/**
 * The tables behind the claim store, in one lmdb environment: a claim's expiry by its hash, its entry (owner and audit
 * intent) by expiry, and the numbers that bound them. Entries stand in order of expiry, so that a commit touches few
 * pages and a purge reads only what it removes.
 */
import { hash } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";

export interface Claim {
  /** By `claimKey`. */
  readonly key: Buffer;
  readonly expiresAt: number;
  readonly owner: string;
  /** JSON. */
  readonly intent: string;
}

/** All but `transaction` and `close` only inside a transaction. */
export interface ClaimLedger {
  /** Runs alone among all processes; resolves when its writes are on disk. When `work` throws, nothing was written. */
  transaction<Result>(work: () => Result): Promise<Result>;
  expiryOf(key: Buffer): number | undefined;
  add(claim: Claim): void;
  remove(key: Buffer): void;
  /** Removes at most `limit` of the claims that expired before `now`, the oldest first. @returns how many */
  purge(now: number, limit: number): number;
  /** The latest expiry of any purged claim. */
  purgedUpTo(): number;
  claims(): number;
  claimsOf(owner: string): number;
  close(): Promise<void>;
}

const EXPIRY_BYTES = 8;

const sha256 = (text: string): Buffer => hash("sha256", text, "buffer");

const PREFIX_CHARACTERS = 10;

/**
 * Whatever a claim is called, its key is short and has no bytes that lmdb treats specially: the claim's beginning, which
 * is its time, so that a batch of new claims touches few pages, and its hash.
 */
export const claimKey = (claim: string): Buffer => Buffer.concat([Buffer.from(claim.slice(0, PREFIX_CHARACTERS)), sha256(claim)]);

/** @throws Error when the folder cannot be made or is no lmdb environment */
export const openClaimLedger = (path: string): ClaimLedger => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Without overlapping sync a transaction settles once, when it is on disk or has failed; with event turn batching its
  // failure would also reject a promise that nobody holds, which ends the process.
  const environment = open({ path, noSubdir: false, overlappingSync: false, eventTurnBatching: false, maxDbs: 3 });
  for (const file of ["data.mdb", "lock.mdb"]) chmodSync(join(path, file), 0o600);
  const expiries = environment.openDB<Buffer, Buffer>("expiries", { encoding: "binary", keyEncoding: "binary" });
  const entries = environment.openDB<string, Buffer>("entries", { encoding: "string", keyEncoding: "binary" });
  const numbers = environment.openDB<number, Buffer>("numbers", { encoding: "ordered-binary", keyEncoding: "binary" });

  /** The numbers that this transaction has read or changed. */
  const current = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = current.get(name) ?? numbers.get(sha256(name)) ?? 0;
    current.set(name, known);
    return known;
  };
  const countClaim = (owner: string, by: 1 | -1): void => {
    for (const name of [TOTAL, ownerName(owner)]) current.set(name, numberOf(name) + by);
  };
  const removeEntry = (entryKey: Buffer): void => {
    const { owner }: { owner: string } = JSON.parse(entries.get(entryKey)!);
    entries.remove(entryKey);
    expiries.remove(entryKey.subarray(EXPIRY_BYTES));
    countClaim(owner, -1);
  };

  return {
    transaction: (work) =>
      environment.childTransaction(() => {
        current.clear();
        const result = work();
        for (const [name, value] of current) value === 0 ? numbers.remove(sha256(name)) : numbers.put(sha256(name), value);
        return result;
      }),
    expiryOf: (key) => expiries.get(key)?.readDoubleBE(),
    add({ key, expiresAt, owner, intent }) {
      const expiry = expiryBytes(expiresAt);
      expiries.put(key, expiry);
      entries.put(Buffer.concat([expiry, key]), `{"owner":${JSON.stringify(owner)},"intent":${intent}}`);
      countClaim(owner, 1);
    },
    remove(key) {
      const expiry = expiries.get(key);
      if (expiry !== undefined) removeEntry(Buffer.concat([expiry, key]));
    },
    purge(now, limit) {
      const expired = [...entries.getKeys({ end: expiryBytes(now), limit })];
      expired.forEach(removeEntry);
      const last = expired.at(-1);
      if (last !== undefined) current.set(PURGED_UP_TO, Math.max(numberOf(PURGED_UP_TO), last.readDoubleBE()));
      return expired.length;
    },
    purgedUpTo: () => numberOf(PURGED_UP_TO),
    claims: () => numberOf(TOTAL),
    claimsOf: (owner) => numberOf(ownerName(owner)),
    close: () => environment.close(),
  };
};

const TOTAL = "total";
const PURGED_UP_TO = "purged up to";
const ownerName = (owner: string): string => `owner ${owner}`;

/** Big-endian, so that bytes sort as the numbers do, which are not negative. */
const expiryBytes = (expiresAt: number): Buffer => {
  const bytes = Buffer.alloc(EXPIRY_BYTES);
  bytes.writeDoubleBE(expiresAt);
  return bytes;
};
