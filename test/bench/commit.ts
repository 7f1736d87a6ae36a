/** Claims a second, acknowledged as the store promises: at once in memory, on disk in lmdb. Batches, as a busy door makes them. */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { openLmdbCommitStore } from "../../lib/adapters/local/lmdb-commit-store.js";
import type { CommitStore } from "../../lib/ports.js";
import { MemoryCommitStore } from "../../lib/signing/replay.js";
import { compare, type Effort, type Line, type Round } from "./measure.js";

const BATCH = 1000;
const MEMORY_BATCHES = 300;
const LMDB_BATCHES = 30;
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
/** As a door's claims: of this second, and a hash. */
const newClaim = (): string => `${Math.floor(Date.now() / 1000)}:strict:payments:${hash("sha256", String(++claims), "hex").slice(32)}`;

/** Runs batches one after the other; the claims are made before the clock starts. */
async function entriesPerSecond(batches: number, write: (claim: string) => unknown): Promise<number> {
  const queue = Array.from({ length: Math.ceil(batches) }, () => Array.from({ length: BATCH }, newClaim));
  const startedAt = performance.now();
  for (const batch of queue) await Promise.all(batch.map(write));
  return (queue.length * BATCH * 1000) / (performance.now() - startedAt);
}

function commitsPerSecond(batches: number, store: CommitStore): Promise<number> {
  const now = Date.now();
  return entriesPerSecond(batches, async (claim) => {
    const result = await store.commit({ claim, expiresAt: now + WINDOW_MS, owner: "payments", intent }, now);
    if (result !== "committed") throw new Error(`a new claim was ${result}`);
  });
}

export const commitMemory = (effort: Effort): Promise<Line[]> => {
  const batches = MEMORY_BATCHES * effort.timeScale;
  const ours: Round = () => commitsPerSecond(batches, new MemoryCommitStore({ maxClaimsPerOwner: 1_000_000 }));
  const bare: Round = () => {
    const entries = new Map<string, object>();
    return entriesPerSecond(batches, (claim) => entries.set(claim, intent));
  };
  return compare({ name: "commit memory", unit: "commits/s", better: "higher", ours, peers: { "Map.set": bare } }, effort);
};

/** Without overlapping sync a put of lmdb, too, resolves when it is on disk. */
export const commitLmdb = async (effort: Effort): Promise<Line[]> => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const batches = LMDB_BATCHES * effort.timeScale;
  const store = openLmdbCommitStore({ path: join(folder, "ours") });
  const lmdb = open<string, string>({ path: join(folder, "bare"), overlappingSync: false, encoding: "string" });
  const text = JSON.stringify(intent);
  const ours: Round = () => commitsPerSecond(batches, store);
  const bare: Round = () => entriesPerSecond(batches, (claim) => lmdb.put(claim, text));
  try {
    return await compare({ name: "commit lmdb", unit: "commits/s", better: "higher", ours, peers: { "lmdb put": bare } }, effort);
  } finally {
    await Promise.all([store.close(), lmdb.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
};
