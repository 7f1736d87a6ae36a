import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Commit, CommitResult } from "../../lib/ports.js";
import { MemoryCommitStore } from "../../lib/signing/replay.js";

const NOW = 1_700_000_000_000;

const commitOf = (claim: string, change: Partial<Commit> = {}): Commit => ({
  claim,
  expiresAt: NOW + 300_000,
  owner: "payments",
  intent: {},
  ...change,
});

describe("MemoryCommitStore", () => {
  it.each([
    [{ maxClaims: 0 }, "maxClaims"],
    [{ maxClaims: 1.5 }, "maxClaims"],
    [{ maxClaims: 10_000_001 }, "maxClaims"],
    [{ maxClaims: Number.NaN }, "maxClaims"],
    [{ maxClaimsPerOwner: 0 }, "maxClaimsPerOwner"],
    [{ maxClaimsPerOwner: Infinity }, "maxClaimsPerOwner"],
  ])("refuses the limits %j", (limits, part) => {
    expect(() => new MemoryCommitStore(limits)).toThrow(`INPUT_INVALID: ${part}: expected a whole number from 1 to 10000000`);
  });

  it("leaves half of the room to other owners by default", async () => {
    const store = new MemoryCommitStore({ maxClaims: 5 });
    const results: CommitResult[] = [];
    for (const claim of ["1", "2", "3", "4"]) results.push(await store.commit(commitOf(claim), NOW));
    expect(results).toEqual(["committed", "committed", "committed", "full"]);
    expect(await store.commit(commitOf("5", { owner: "ci" }), NOW)).toBe("committed");
  });

  it("holds a claim that expires within a second to the end of that second, never shorter", async () => {
    const store = new MemoryCommitStore();
    await store.commit(commitOf("a", { expiresAt: NOW + 400 }), NOW);
    const again = commitOf("a", { expiresAt: NOW + 9000 });
    expect(await store.commit(again, NOW + 400)).toBe("replayed");
    expect(await store.commit(again, NOW + 1000)).toBe("replayed");
    expect(await store.commit(again, NOW + 1001)).toBe("committed");
  });

  it.each([
    ["an expiry that is not a number", { expiresAt: Number.NaN }, NOW],
    ["a clock that is not a number", {}, Number.NaN],
  ])("refuses %s", async (_, change, now) => {
    expect(await new MemoryCommitStore().commit(commitOf("a", change), now)).toBe("replayed");
  });

  it("accepts anew soon after a clock that ran an hour ahead was set right", async () => {
    const store = new MemoryCommitStore();
    await store.commit(commitOf("a"), NOW);
    await store.commit(commitOf("b", { expiresAt: NOW + 3_900_000 }), NOW + 3_600_000);
    expect(await store.commit(commitOf("c", { expiresAt: NOW + 300_000 }), NOW)).toBe("replayed");
    expect(await store.commit(commitOf("c", { expiresAt: NOW + 301_000 }), NOW + 1000)).toBe("committed");
  });

  it("agrees with a plain list of claims under any commits, releases and passing time", async () => {
    const claim = fc.integer({ min: 0, max: 15 }).map((number) => `claim ${number}`);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ claim, owner: fc.constantFrom("a", "b", "c"), lifeSeconds: fc.integer({ min: -1, max: 3 }) }),
      },
      { weight: 2, arbitrary: fc.record({ release: claim }) },
      { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 2500 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120, size: "max" }), async (steps) => {
        const store = new MemoryCommitStore({ maxClaims: 7, maxClaimsPerOwner: 4 });
        let held: Commit[] = [];
        let now = NOW;
        for (const step of steps) {
          if ("passMs" in step) now += step.passMs;
          else if ("release" in step) {
            await store.release(step.release);
            held = held.filter((entry) => entry.claim !== step.release);
          } else {
            held = held.filter((entry) => entry.expiresAt >= now);
            const commit = commitOf(step.claim, { owner: step.owner, expiresAt: (Math.floor(now / 1000) + step.lifeSeconds) * 1000 });
            const expected = verdict(held, commit, now);
            expect(await store.commit(commit, now)).toBe(expected);
            if (expected === "committed") held.push(commit);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

function verdict(held: readonly Commit[], { claim, expiresAt, owner }: Commit, now: number): CommitResult {
  if (expiresAt < now || held.some((entry) => entry.claim === claim)) return "replayed";
  if (held.length >= 7 || held.filter((entry) => entry.owner === owner).length >= 4) return "full";
  return "committed";
}
