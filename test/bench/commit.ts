/** Claims a second, acknowledged as the store promises: at once in memory, on disk in lmdb. Batches, as a busy door makes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { openLmdbCommitStore } from "../../lib/adapters/local/lmdb-commit-store.js";
import type { Commit, CommitStore } from "../../lib/ports.js";
import { compare, type Effort, type Line, type Round } from "./measure.js";
import { memoryCommitStore } from "./memory-commit-store.js";

const BATCH = 1000;
/** Bounds a round in count as well: memory must not grow with the machine's speed. */
const MAX_BATCHES = 400;
const MEMORY_ROUND_MS = 300;
const LMDB_ROUND_MS = 1000;
const WINDOW_MS = 300_000;

/** The size of what a door writes. */
const intent = {
  time: new Date().toISOString(),
  kind: "intent",
  policyVersion: "0".repeat(64),
  requestId: "A".repeat(16),
  decision: "allow",
  reason: "granted",
  rule: "stripe-charge",
  caller: "payments",
  proof: "hmac",
  source: "10.1.2.3",
  route: "stripe",
  method: "POST",
  path: "/stripe/v1/charges",
};

let claims = 0;
const newClaim = (): string => `strict:payments:${String(++claims).padStart(43, "0")}`;
const newCommit = (now: number): Commit => ({ claim: newClaim(), expiresAt: now + WINDOW_MS, owner: "payments", intent });

/** Runs batches one after the other; `write` makes and awaits one entry. */
async function entriesPerSecond(write: () => unknown, milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  let batches = 0;
  let elapsedMs = 0;
  do {
    await Promise.all(Array.from({ length: BATCH }, write));
    batches++;
    elapsedMs = performance.now() - startedAt;
  } while (elapsedMs < milliseconds && batches < MAX_BATCHES);
  return (batches * BATCH * 1000) / elapsedMs;
}

const commitsPerSecond =
  (store: CommitStore, milliseconds: number): Round =>
  () => {
    const now = Date.now();
    return entriesPerSecond(async () => {
      if ((await store.commit(newCommit(now), now)) !== "committed") throw new Error("a new claim was refused");
    }, milliseconds);
  };

export const commitMemory = (effort: Effort): Promise<Line[]> => {
  const milliseconds = MEMORY_ROUND_MS * effort.timeScale;
  const bare = (): Promise<number> => {
    const entries = new Map<string, object>();
    return entriesPerSecond(() => entries.set(newClaim(), intent), milliseconds);
  };
  const ours = (): number | Promise<number> => commitsPerSecond(memoryCommitStore(), milliseconds)();
  return compare({ name: "commit memory", unit: "commits/s", better: "higher", ours, peers: { "Map.set": bare } }, effort);
};

export const commitLmdb = async (effort: Effort): Promise<Line[]> => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const milliseconds = LMDB_ROUND_MS * effort.timeScale;
  const store = openLmdbCommitStore({ path: join(folder, "ours"), maxClaims: 10_000_000 });
  const bare = open<string, string>({ path: join(folder, "bare"), overlappingSync: false, encoding: "string" });
  const text = JSON.stringify(intent);
  try {
    return await compare(
      {
        name: "commit lmdb",
        unit: "commits/s",
        better: "higher",
        ours: commitsPerSecond(store, milliseconds),
        peers: { "lmdb put": () => entriesPerSecond(() => bare.put(newClaim(), text), milliseconds) },
      },
      effort,
    );
  } finally {
    await Promise.all([store.close(), bare.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
};
