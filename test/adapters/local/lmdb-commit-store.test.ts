import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { open } from "lmdb";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type LmdbCommitStoreOptions, openLmdbCommitStore } from "../../../lib/adapters/local/lmdb-commit-store.js";
import type { Commit } from "../../../lib/ports.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { canary, scanTree } from "../../fakes/canary.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";
import { bundleScript, runScript } from "./child.js";

const NOW = Date.UTC(2026, 0, 2);
const WINDOW = 300_000;
let path: string;
beforeEach(() => {
  path = join(temporaryFolder(onTestFinished), "commits");
});

/** Closed when the test is over. */
const openStore = (options: Partial<LmdbCommitStoreOptions> = {}) => {
  const store = openLmdbCommitStore({ path, ...options });
  onTestFinished(() => store.close());
  return store;
};
const commit = (claim: string, change: Partial<Commit> = {}): Commit => ({
  claim,
  owner: "key-1",
  expiresAt: NOW + WINDOW,
  intent: { requestId: claim, kind: "intent" },
  ...change,
});
const unavailable = (problem: unknown) => expect.objectContaining({ code: "COMMIT_UNAVAILABLE", status: 503, details: { problem } });
const tally = (results: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
};

/** What stands in the tables, read apart from the store. */
const stored = async () => {
  const environment = open({ path, noSubdir: false, overlappingSync: false, maxDbs: 3 });
  const entries = environment.openDB<string, Buffer>("entries", { encoding: "string", keyEncoding: "binary" });
  const found = [...entries.getRange()].map(({ key, value }) => ({ expiresAt: key.readDoubleBE(), ...JSON.parse(value) }));
  await environment.close();
  return found;
};

describe("openLmdbCommitStore", () => {
  it("lets exactly one of 100 concurrent copies pass", async () => {
    const store = openStore();
    const results = await Promise.all(Array.from({ length: 100 }, () => store.commit(commit("a"), NOW)));
    expect(tally(results)).toEqual({ committed: 1, replayed: 99 });
  });

  it("holds a claim until its expiry has passed, at both edges", async () => {
    const store = openStore();
    expect(await store.commit(commit("a"), NOW)).toBe("committed");
    const renewed = commit("a", { expiresAt: NOW + 2 * WINDOW });
    expect(await store.commit(renewed, NOW + WINDOW)).toBe("replayed");
    expect(await store.commit(renewed, NOW + WINDOW + 1)).toBe("committed");
    expect(await store.commit(renewed, NOW + 2 * WINDOW)).toBe("replayed");
  });

  it("refuses a claim that has expired already, of which any number could pass", async () => {
    const store = openStore();
    expect(await store.commit(commit("a"), NOW + WINDOW + 1)).toBe("replayed");
    expect(await store.commit(commit("a"), NOW + WINDOW)).toBe("committed");
  });

  it("keeps a claim across a restart", async () => {
    const first = openLmdbCommitStore({ path });
    await first.commit(commit("a"), NOW);
    await first.close();
    const second = openStore();
    expect(await second.commit(commit("a"), NOW)).toBe("replayed");
    expect(await second.commit(commit("b"), NOW)).toBe("committed");
  });

  it("takes a claim back, after which it may be made again", async () => {
    const store = openStore({ maxClaims: 1 });
    await store.commit(commit("a"), NOW);
    await store.release("a");
    expect(await store.commit(commit("a"), NOW)).toBe("committed");
  });

  it("does nothing when a claim that is not held is taken back", async () => {
    const store = openStore({ maxClaims: 1 });
    await store.release("never");
    await store.commit(commit("a"), NOW);
    await store.release("other");
    expect(await store.commit(commit("a"), NOW)).toBe("replayed");
    expect(await store.commit(commit("b"), NOW)).toBe("full");
  });

  it("stores owner, expiry and intent with the claim", async () => {
    const store = openLmdbCommitStore({ path });
    const intent = { kind: "intent", requestId: "r1", credentials: [{ name: "stripe-key", version: "v1" }], path: "/ü" };
    await store.commit(commit("a", { intent, owner: 'a "quoted" owner' }), NOW);
    await store.close();
    expect(await stored()).toEqual([{ expiresAt: NOW + WINDOW, owner: 'a "quoted" owner', intent }]);
  });

  it("takes any text for a claim or owner", async () => {
    const store = openStore();
    const claims = ["", "\0", "a\0b", "a", "x".repeat(100_000), "\ud83d\ude00", "__proto__"];
    for (const claim of claims) expect(await store.commit(commit(claim, { owner: claim }), NOW)).toBe("committed");
    for (const claim of claims) expect(await store.commit(commit(claim, { owner: claim }), NOW)).toBe("replayed");
  });

  it("behaves as a map from claim to expiry would, in any order of commits, releases and passing time", async () => {
    const step = fc.oneof(
      fc.record({ claim: fc.constantFrom("a", "b", "c"), window: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ release: fc.constantFrom("a", "b", "c") }),
      fc.record({ pass: fc.integer({ min: 1, max: 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.uuid(), async (steps, run) => {
        const store = openLmdbCommitStore({ path: join(path, run), maxClaims: 2, maxClaimsPerOwner: 2 });
        const model = new Map<string, number>();
        let now = NOW;
        for (const each of steps) {
          if ("pass" in each) now += each.pass;
          else if ("release" in each) {
            await store.release(each.release);
            model.delete(each.release);
          } else {
            const expiresAt = now + each.window;
            for (const [claim, heldUntil] of model) if (heldUntil < now) model.delete(claim);
            const expected = model.has(each.claim) ? "replayed" : model.size >= 2 ? "full" : "committed";
            expect(await store.commit(commit(each.claim, { expiresAt }), now)).toBe(expected);
            if (expected === "committed") model.set(each.claim, expiresAt);
          }
        }
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe("a claim store's bounds", () => {
  it("refuse new claims when it is full, and evict none", async () => {
    const store = openStore({ maxClaims: 10 });
    const claims = Array.from({ length: 12 }, (_, i) => commit(`c${i}`, { owner: `key-${i}` }));
    const results = await Promise.all(claims.map((each) => store.commit(each, NOW)));
    expect(results).toEqual([...Array(10).fill("committed"), "full", "full"]);
    for (const each of claims.slice(0, 10)) expect(await store.commit(each, NOW + WINDOW)).toBe("replayed");
  });

  it("give one owner half of the room by default, and the rest to others", async () => {
    const store = openStore({ maxClaims: 10 });
    const flood = await Promise.all(Array.from({ length: 20 }, (_, i) => store.commit(commit(`a${i}`, { owner: "loud" }), NOW)));
    expect(tally(flood)).toEqual({ committed: 5, full: 15 });
    expect(await store.commit(commit("b", { owner: "quiet" }), NOW)).toBe("committed");
  });

  it("give one owner as much as is configured", async () => {
    const store = openStore({ maxClaimsPerOwner: 2 });
    const results = await Promise.all(["a", "b", "c"].map((claim) => store.commit(commit(claim), NOW)));
    expect(results).toEqual(["committed", "committed", "full"]);
  });

  it("make room again at once when claims have expired or were taken back", async () => {
    const store = openStore({ maxClaims: 2, maxClaimsPerOwner: 2 });
    await store.commit(commit("a", { expiresAt: NOW + 10 }), NOW);
    await store.commit(commit("b"), NOW);
    expect(await store.commit(commit("c"), NOW + 10)).toBe("full");
    expect(await store.commit(commit("c"), NOW + 11)).toBe("committed");
    expect(await store.commit(commit("d"), NOW + 11)).toBe("full");
    await store.release("b");
    expect(await store.commit(commit("d"), NOW + 11)).toBe("committed");
  });

  it("count what an earlier process committed", async () => {
    const first = openLmdbCommitStore({ path, maxClaims: 3, maxClaimsPerOwner: 3 });
    for (const claim of ["a", "b", "c"]) await first.commit(commit(claim), NOW);
    await first.release("c");
    await first.close();
    const second = openStore({ maxClaims: 3, maxClaimsPerOwner: 2 });
    expect(await second.commit(commit("d"), NOW)).toBe("full");
    expect(await second.commit(commit("d", { owner: "key-2" }), NOW)).toBe("committed");
    expect(await second.commit(commit("e", { owner: "key-2" }), NOW)).toBe("full");
  });
});

describe("a claim store's purge", () => {
  const many = (count: number, expiresAt: number) => Array.from({ length: count }, (_, i) => commit(`${expiresAt}-${i}`, { expiresAt }));

  it("removes in the background what has expired, also more than one batch, and nothing else", async () => {
    const store = openLmdbCommitStore({ path });
    await Promise.all([...many(2500, NOW + 10), ...many(50, NOW + 20)].map((each) => store.commit(each, NOW)));
    await store.commit(commit("later"), NOW + 2000 - 1981); // NOW + 19: within a second of the last purge.
    await store.close();
    expect(await stored()).toHaveLength(2551);

    const second = openLmdbCommitStore({ path });
    await second.commit(commit("trigger"), NOW + 11);
    for (let batch = 0; batch < 5; batch++) await second.release("none"); // Served between the batches.
    await second.close();
    expect(tally((await stored()).map(({ expiresAt }) => String(expiresAt - NOW)))).toEqual({ 20: 50, [WINDOW]: 2 });
  });

  it("goes on after a clock that was set back", async () => {
    const store = openLmdbCommitStore({ path });
    const hour = 3_600_000;
    await store.commit(commit("ahead", { expiresAt: NOW + hour + WINDOW }), NOW + hour);
    await store.commit(commit("short", { expiresAt: NOW + 10 }), NOW);
    await store.commit(commit("next"), NOW + 1011);
    await store.close();
    expect((await stored()).map(({ intent }) => intent.requestId)).toEqual(["next", "ahead"]);
  });

  it("leaves no used request usable when the clock jumps an hour ahead and back", async () => {
    const store = openStore();
    const used = commit("used");
    expect(await store.commit(used, NOW)).toBe("committed");
    const hour = 3_600_000;
    expect(await store.commit(commit("ahead", { expiresAt: NOW + hour + WINDOW }), NOW + hour)).toBe("committed");
    await store.close();
    expect((await stored()).map(({ intent }) => intent.requestId)).toEqual(["ahead"]);

    const restarted = openStore();
    expect(await restarted.commit(used, NOW + 1)).toBe("replayed");
    expect(await restarted.commit(commit("fresh", { expiresAt: NOW + 1 + WINDOW }), NOW + 1)).toBe("committed");
  });
});

describe("a claim store that fails", () => {
  it("answers COMMIT_UNAVAILABLE when it is closed", async () => {
    const store = openLmdbCommitStore({ path });
    await store.close();
    await expect(store.commit(commit("a"), NOW)).rejects.toThrow(unavailable(expect.stringContaining("closed")));
    await expect(store.release("a")).rejects.toThrow(unavailable(expect.stringContaining("closed")));
  });

  it("completes what was asked before it closes", async () => {
    const store = openLmdbCommitStore({ path });
    const asked = store.commit(commit("a"), NOW);
    await store.close();
    expect(await asked).toBe("committed");
  });

  it("refuses an intent that JSON cannot hold, and only that one", async () => {
    const store = openStore();
    const results = await Promise.allSettled([store.commit(commit("a"), NOW), store.commit(commit("b", { intent: { n: 1n } }), NOW)]);
    expect(results).toEqual([
      { status: "fulfilled", value: "committed" },
      { status: "rejected", reason: unavailable(expect.stringContaining("BigInt")) },
    ]);
  });

  it.each([Number.NaN, -1])("refuses the expiry %d", async (expiresAt) => {
    await expect(openStore().commit(commit("a", { expiresAt }), NOW)).rejects.toThrow(
      unavailable("expiresAt must be milliseconds since the epoch"),
    );
  });

  it("is refused where a file stands", () => {
    writeFileSync(path, "x");
    expect(() => openLmdbCommitStore({ path })).toThrow(expect.objectContaining({ code: "STORE_UNUSABLE", details: { path } }));
  });

  const script = bundleScript(
    "commits-disk-full",
    `import { openLmdbCommitStore } from "./lib/adapters/local/lmdb-commit-store.js";
     void (async () => {
       const store = openLmdbCommitStore({ path: process.argv[2] });
       const committed = [];
       const codes = {};
       for (let i = 0; i < 300; i++) {
         const commit = { claim: "c" + i, owner: "k", expiresAt: ${NOW + WINDOW}, intent: { text: "x".repeat(1000) } };
         await store.commit(commit, ${NOW}).then(() => committed.push(commit.claim), ({ code }) => { codes[code] = (codes[code] ?? 0) + 1; });
       }
       process.stdout.write(JSON.stringify({ committed, codes }));
     })();`,
    afterAll,
  );

  it("answers COMMIT_UNAVAILABLE while the disk is full, and loses nothing that it acknowledged", async () => {
    const { stdout, stderr } = await runScript(script, [path], { maxFileKiB: 256 });
    const { committed, codes } = JSON.parse(stdout || stderr);
    expect(Object.keys(codes)).toEqual(["COMMIT_UNAVAILABLE"]);
    expect(committed.length).toBeGreaterThan(20);
    const store = openStore();
    const again = await Promise.all(committed.map((claim: string) => store.commit(commit(claim), NOW)));
    expect(tally(again)).toEqual({ replayed: committed.length });
    expect(await store.commit(commit("new"), NOW)).toBe("committed");
  });
});

describe("several processes on one claim store", () => {
  const script = bundleScript(
    "commits",
    `import { openLmdbCommitStore } from "./lib/adapters/local/lmdb-commit-store.js";
     const [path, prefix, count, maxClaims] = process.argv.slice(2);
     void (async () => {
       const store = openLmdbCommitStore({ path, maxClaims: Number(maxClaims), maxClaimsPerOwner: Number(maxClaims) });
       const commit = async (i) => {
         const result = await store.commit({ claim: prefix + i, owner: "k", expiresAt: ${NOW + WINDOW}, intent: { i } }, ${NOW});
         process.stdout.write(result + " " + prefix + i + "\\n");
       };
       await Promise.all(Array.from({ length: Number(count) }, (_, i) => commit(i)));
       await store.close();
     })();`,
    afterAll,
  );
  const resultsOf = (stdout: string) => stdout.slice(0, stdout.lastIndexOf("\n")).split("\n");

  it("let exactly one of 4 processes have each of 100 claims", async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => runScript(script, [path, "c", "100", "1000"])));
    const results = runs.flatMap(({ stdout }) => resultsOf(stdout));
    expect(tally(results.map((line) => line.split(" ")[0]!))).toEqual({ committed: 100, replayed: 300 });
    expect(new Set(results.filter((line) => line.startsWith("committed"))).size).toBe(100);
  });

  it("share one bound", async () => {
    const runs = await Promise.all(["a", "b", "c", "d"].map((prefix) => runScript(script, [path, prefix, "50", "120"])));
    const results = runs.flatMap(({ stdout }) => resultsOf(stdout));
    expect(tally(results.map((line) => line.split(" ")[0]!))).toEqual({ committed: 120, full: 80 });
  });

  it("lose no acknowledged claim to kill -9, and keep their intents", async () => {
    const onOutput: Parameters<typeof runScript>[2] = {
      onOutput: (stdout, child) => void (stdout.length > 5000 && child.kill("SIGKILL")),
    };
    const runs = await Promise.all(["a", "b"].map((prefix) => runScript(script, [path, prefix, "20000", "1000000"], onOutput)));
    expect(runs.map(({ signal }) => signal)).toEqual(["SIGKILL", "SIGKILL"]);
    const acknowledged = runs.flatMap(({ stdout }) => resultsOf(stdout)).map((line) => line.split(" ")[1]!);
    expect(acknowledged.length).toBeGreaterThan(100);

    const store = openLmdbCommitStore({ path });
    const again = await Promise.all(acknowledged.map((claim) => store.commit(commit(claim), NOW)));
    expect(tally(again)).toEqual({ replayed: acknowledged.length });
    expect(await store.commit(commit("new"), NOW)).toBe("committed");
    await store.close();
    const intents = new Set((await stored()).map(({ intent }) => intent.i));
    expect(acknowledged.every((claim) => intents.has(Number(claim.slice(1))))).toBe(true);
  });
});

describe("the files of a claim store", () => {
  it("are for their owner alone", async () => {
    await openStore().commit(commit("a"), NOW);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(path)) expect(statSync(join(path, file)).mode & 0o777).toBe(0o600);
    expect(readdirSync(path).sort()).toEqual(["data.mdb", "lock.mdb"]);
  });

  it("hold no secret, even where an intent was given one, and would be found to", async () => {
    const secret = canary("committed");
    const store = openStore();
    await store.commit(commit("a", { intent: { key: new SecretValue(secret) } }), NOW);
    expect(await scanTree(path, [secret])).toEqual([]);
    await store.commit(commit("b", { intent: { key: secret } }), NOW);
    expect(await scanTree(path, [secret])).not.toEqual([]);
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      const other = canary(encoding);
      await store.commit(commit(encoding, { intent: { key: Buffer.from(other).toString(encoding) } }), NOW);
      expect(await scanTree(path, [other]), encoding).not.toEqual([]);
    }
  });
});
