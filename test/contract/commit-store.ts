/**
 * What every `CommitStore` promises, whatever it is kept in (THREATS 16 and 17). An adapter's test calls this with a
 * factory of empty stores.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import type { Commit, CommitStore } from "../../lib/ports.js";

export interface StoreLimits {
  readonly maxClaims: number;
  readonly maxClaimsPerOwner: number;
}

/** An empty store, and how to be rid of it. */
export interface StoreUnderTest {
  readonly store: CommitStore;
  close?(): Promise<void> | void;
}

export interface ContractOptions {
  /** False for a store that is not bounded by itself; the tests of its limits are then left out. Default true. */
  readonly bounded?: boolean;
}

const NOW = 1_700_000_000_000;
const WINDOW_MS = 300_000;
const ROOMY: StoreLimits = { maxClaims: 1000, maxClaimsPerOwner: 1000 };

const commitOf = (claim: string, change: Partial<Commit> = {}): Commit => ({
  claim,
  expiresAt: NOW + WINDOW_MS,
  owner: "payments",
  intent: { claim },
  ...change,
});

export function commitStoreContract(
  name: string,
  makeStore: (limits: StoreLimits) => StoreUnderTest | Promise<StoreUnderTest>,
  { bounded = true }: ContractOptions = {},
): void {
  const open = async (limits = ROOMY): Promise<CommitStore> => {
    const { store, close } = await makeStore(limits);
    if (close) onTestFinished(close);
    return store;
  };

  describe(`${name} keeps the commit store's contract: it`, () => {
    it("commits a claim once", async () => {
      const store = await open();
      expect(await store.commit(commitOf("a"), NOW)).toBe("committed");
      expect(await store.commit(commitOf("a"), NOW)).toBe("replayed");
      expect(await store.commit(commitOf("a", { owner: "somebody else", intent: {} }), NOW + 1)).toBe("replayed");
    });

    it("lets exactly one of 100 concurrent commits of a claim win", async () => {
      const store = await open();
      const results = await Promise.all(Array.from({ length: 100 }, () => store.commit(commitOf("a"), NOW)));
      expect(results.filter((result) => result === "committed")).toHaveLength(1);
      expect(results.filter((result) => result === "replayed")).toHaveLength(99);
    });

    it("commits 100 concurrent claims that differ", async () => {
      const store = await open();
      const results = await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit(commitOf(`a${index}`), NOW)));
      expect(new Set(results)).toEqual(new Set(["committed"]));
    });

    it("tells long claims apart by their last character, and by case", async () => {
      const store = await open();
      for (const claim of ["k:".repeat(2000), `${"k:".repeat(2000)}a`, `${"k:".repeat(2000)}b`, "k:A", "k:a", "k:a "]) {
        expect(await store.commit(commitOf(claim), NOW)).toBe("committed");
        expect(await store.commit(commitOf(claim), NOW)).toBe("replayed");
      }
    });

    it("holds a claim up to and including the millisecond of its expiry, and no longer", async () => {
      const store = await open();
      const expiresAt = NOW + WINDOW_MS;
      const later = { expiresAt: expiresAt + WINDOW_MS };
      await store.commit(commitOf("a", { expiresAt }), NOW);
      expect(await store.commit(commitOf("a", later), expiresAt - 1)).toBe("replayed");
      expect(await store.commit(commitOf("a", later), expiresAt)).toBe("replayed");
      expect(await store.commit(commitOf("a", later), expiresAt + 1)).toBe("committed");
    });

    it("holds a claim to its own expiry while others come and go", async () => {
      const store = await open();
      await store.commit(commitOf("long", { expiresAt: NOW + 100_000 }), NOW);
      for (let now = NOW; now <= NOW + 100_000; now += 5000) {
        expect(await store.commit(commitOf(`short ${now}`, { expiresAt: now + 1000 }), now)).toBe("committed");
        expect(await store.commit(commitOf("long", { expiresAt: NOW + 100_000 }), now)).toBe("replayed");
      }
    });

    it("keeps the first expiry when the claim comes again with another", async () => {
      const store = await open();
      await store.commit(commitOf("a", { expiresAt: NOW + 10_000 }), NOW);
      expect(await store.commit(commitOf("a", { expiresAt: NOW + 1000 }), NOW)).toBe("replayed");
      expect(await store.commit(commitOf("a", { expiresAt: NOW + 10_000 }), NOW + 5000)).toBe("replayed");
    });

    it("refuses a claim that has expired, since it could not be held", async () => {
      const store = await open();
      expect(await store.commit(commitOf("a", { expiresAt: NOW - 1 }), NOW)).toBe("replayed");
      expect(await store.commit(commitOf("b", { expiresAt: NOW }), NOW)).toBe("committed");
      expect(await store.commit(commitOf("b", { expiresAt: NOW }), NOW)).toBe("replayed");
    });

    it("revives no claim when the clock runs forward and back", async () => {
      const store = await open();
      await store.commit(commitOf("a"), NOW);
      const hourLater = NOW + 3_600_000;
      expect(await store.commit(commitOf("b", { expiresAt: hourLater + WINDOW_MS }), hourLater)).toBe("committed");
      expect(await store.commit(commitOf("a"), NOW)).toBe("replayed");
    });

    it("takes a released claim again, once", async () => {
      const store = await open();
      await store.commit(commitOf("a"), NOW);
      await store.commit(commitOf("b"), NOW);
      await store.release("a");
      expect(await store.commit(commitOf("b"), NOW)).toBe("replayed");
      expect(await store.commit(commitOf("a"), NOW)).toBe("committed");
      expect(await store.commit(commitOf("a"), NOW)).toBe("replayed");
    });

    it("releases without complaint what it does not hold", async () => {
      const store = await open();
      await store.commit(commitOf("a"), NOW);
      await store.release("never seen");
      await store.release("a");
      await store.release("a");
      expect(await store.commit(commitOf("a"), NOW)).toBe("committed");
    });

    it("holds a claim that was released and taken again to its second expiry", async () => {
      const store = await open();
      await store.commit(commitOf("a", { expiresAt: NOW + 1000 }), NOW);
      await store.release("a");
      await store.commit(commitOf("a", { expiresAt: NOW + 60_000 }), NOW);
      expect(await store.commit(commitOf("a", { expiresAt: NOW + 60_000 }), NOW + 30_000)).toBe("replayed");
    });

    if (!bounded) return;

    describe("is bounded: it", () => {
      const SMALL: StoreLimits = { maxClaims: 3, maxClaimsPerOwner: 2 };

      /** Three claims of two owners, the first of which expires first. */
      const filled = async (): Promise<CommitStore> => {
        const store = await open(SMALL);
        expect(await store.commit(commitOf("a1", { owner: "a", expiresAt: NOW + 10_000 }), NOW)).toBe("committed");
        expect(await store.commit(commitOf("a2", { owner: "a" }), NOW)).toBe("committed");
        expect(await store.commit(commitOf("b1", { owner: "b" }), NOW)).toBe("committed");
        return store;
      };

      it("refuses new claims when full and still knows the old ones", async () => {
        const store = await filled();
        expect(await store.commit(commitOf("c1", { owner: "c" }), NOW)).toBe("full");
        expect(await store.commit(commitOf("a1", { owner: "a" }), NOW)).toBe("replayed");
        expect(await store.commit(commitOf("b1", { owner: "b" }), NOW)).toBe("replayed");
      });

      it("makes room by expiry alone, at its exact millisecond", async () => {
        const store = await filled();
        expect(await store.commit(commitOf("c1", { owner: "c" }), NOW + 10_000)).toBe("full");
        expect(await store.commit(commitOf("c1", { owner: "c" }), NOW + 10_001)).toBe("committed");
        expect(await store.commit(commitOf("c2", { owner: "c" }), NOW + 10_001)).toBe("full");
      });

      it("gives the room of a released claim back", async () => {
        const store = await filled();
        await store.release("b1");
        expect(await store.commit(commitOf("c1", { owner: "c" }), NOW)).toBe("committed");
        expect(await store.commit(commitOf("c2", { owner: "c" }), NOW)).toBe("full");
      });

      it("refuses an owner at its quota, and no other owner", async () => {
        const store = await open(SMALL);
        await store.commit(commitOf("a1", { owner: "a", expiresAt: NOW + 10_000 }), NOW);
        await store.commit(commitOf("a2", { owner: "a" }), NOW);
        expect(await store.commit(commitOf("a3", { owner: "a" }), NOW)).toBe("full");
        expect(await store.commit(commitOf("b1", { owner: "b" }), NOW)).toBe("committed");
      });

      it("gives an owner's quota back at expiry and on release", async () => {
        const store = await open(SMALL);
        await store.commit(commitOf("a1", { owner: "a", expiresAt: NOW + 10_000 }), NOW);
        await store.commit(commitOf("a2", { owner: "a" }), NOW);
        expect(await store.commit(commitOf("a3", { owner: "a" }), NOW + 10_000)).toBe("full");
        expect(await store.commit(commitOf("a3", { owner: "a" }), NOW + 10_001)).toBe("committed");
        expect(await store.commit(commitOf("a4", { owner: "a" }), NOW + 10_001)).toBe("full");
        await store.release("a2");
        expect(await store.commit(commitOf("a4", { owner: "a" }), NOW + 10_001)).toBe("committed");
      });

      it("counts a replay towards nothing", async () => {
        const store = await open(SMALL);
        for (let attempt = 0; attempt < 10; attempt++) await store.commit(commitOf("a1", { owner: "a" }), NOW);
        expect(await store.commit(commitOf("a2", { owner: "a" }), NOW)).toBe("committed");
      });

      it("never exceeds its limit under 100 concurrent commits", async () => {
        const store = await open({ maxClaims: 10, maxClaimsPerOwner: 10 });
        const results = await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit(commitOf(`a${index}`), NOW)));
        expect(results.filter((result) => result === "committed")).toHaveLength(10);
        expect(results.filter((result) => result === "full")).toHaveLength(90);
      });
    });
  });
}
