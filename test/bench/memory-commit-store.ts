/** The CommitStore port in memory: what a door of one process could do without a disk. */
import type { CommitStore } from "../../lib/ports.js";

export function memoryCommitStore(maxClaims = 1_000_000): CommitStore {
  const expiries = new Map<string, number>();
  return {
    async commit({ claim, expiresAt }, now) {
      const heldUntil = expiries.get(claim);
      if (expiresAt < now || (heldUntil !== undefined && heldUntil >= now)) return "replayed";
      if (expiries.size >= maxClaims) return "full";
      expiries.set(claim, expiresAt);
      return "committed";
    },
    async release(claim) {
      expiries.delete(claim);
    },
  };
}
