/** THREATS 20, fault 1: one look-up at a time, fresh for a while, stale only within a declared limit, bounded. */
import { expect, it } from "vitest";
import { cachedSecrets, type SecretCacheOptions } from "../../lib/pipeline/secret-cache.js";
import { manualClock, memorySecretStore } from "../fakes/memory-ports.js";

function cache(options: Partial<SecretCacheOptions> = {}) {
  const clock = manualClock(0);
  const store = memorySecretStore({ a: "value of a", b: "value of b", c: "value of c" });
  return { clock, store, secrets: cachedSecrets(store, { clock, freshMs: 1000, maxStaleMs: 5000, ...options }) };
}

it("asks once for any number of concurrent readers", async () => {
  const { store, secrets } = cache();
  const found = await Promise.all(Array.from({ length: 50 }, () => secrets.get("a")));
  expect(new Set(found).size).toBe(1);
  expect(found[0]?.value.revealText()).toBe("value of a");
  expect(store.reads).toEqual(["a"]);
});

it("asks again once the value is no longer fresh, and not a millisecond before", async () => {
  const { store, secrets, clock } = cache();
  await secrets.get("a");
  store.put("a", "rotated");
  clock.advance(999);
  expect((await secrets.get("a"))?.version).toBe("v1");
  clock.advance(1);
  expect((await secrets.get("a"))?.version).toBe("v2");
  expect(store.reads).toEqual(["a", "a"]);
});

it("uses a stale value while the store is down, to the limit and no longer", async () => {
  const { store, secrets, clock } = cache();
  await secrets.get("a");
  store.fail();
  clock.advance(5000);
  expect((await secrets.get("a"))?.version).toBe("v1");
  clock.advance(1);
  await expect(secrets.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  store.recover();
  expect((await secrets.get("a"))?.version).toBe("v1");
});

it("keeps its limits when the wall clock jumps", async () => {
  const { store, secrets, clock } = cache();
  await secrets.get("a");
  store.fail();
  clock.jump(-3_600_000);
  clock.advance(5001);
  await expect(secrets.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
});

it("has no value to fall back to when it never had one, and says which secret", async () => {
  const { store, secrets } = cache();
  store.fail(new Error("connection refused"));
  await expect(secrets.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE", details: { secret: "a" } });
  expect(store.reads).toEqual(["a"]);
});

it("remembers that a name has no value, and that a value was removed", async () => {
  const { store, secrets, clock } = cache();
  expect([await secrets.get("gone"), await secrets.get("gone")]).toEqual([undefined, undefined]);
  expect(store.reads).toEqual(["gone"]);
  await secrets.get("a");
  store.remove("a");
  clock.advance(1000);
  expect(await secrets.get("a")).toBeUndefined();
  store.fail();
  clock.advance(1000);
  expect(await secrets.get("a")).toBeUndefined();
});

it("forgets the value that was fetched longest ago when it is full", async () => {
  const { store, secrets } = cache({ maxEntries: 2 });
  for (const name of ["a", "b", "c", "b", "a"]) await secrets.get(name);
  expect(store.reads).toEqual(["a", "b", "c", "a"]);
});
