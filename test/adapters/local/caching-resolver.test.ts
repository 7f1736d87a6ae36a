import { expect, test } from "vitest";
import { cachingResolver } from "../../../lib/adapters/local/caching-resolver.js";
import { manualClock, tableResolver } from "../../fakes/memory-ports.js";

const TABLE = { "a.example": ["192.0.2.1", "192.0.2.2"], "b.example": ["192.0.2.3"], "c.example": ["192.0.2.4"] };

function resolvers(options: { ttlMs?: number; maxEntries?: number } = {}) {
  const clock = manualClock(0);
  const asked = tableResolver(TABLE);
  return { clock, asked, resolver: cachingResolver(asked, { clock, ...options }) };
}

test("uses an answer for 5 s and asks again at the end of them", async () => {
  const { clock, asked, resolver } = resolvers();
  expect(await resolver.resolve("a.example")).toEqual(["192.0.2.1", "192.0.2.2"]);
  clock.advance(4_999);
  asked.set("a.example", ["192.0.2.9"]);
  expect(await resolver.resolve("a.example")).toEqual(["192.0.2.1", "192.0.2.2"]);
  clock.advance(1);
  expect(await resolver.resolve("a.example")).toEqual(["192.0.2.9"]);
  expect(asked.lookups).toEqual(["a.example", "a.example"]);
});

test("a jump of the wall clock keeps no answer alive", async () => {
  const { clock, asked, resolver } = resolvers();
  await resolver.resolve("a.example");
  clock.jump(-3_600_000);
  clock.advance(5_000);
  await resolver.resolve("a.example");
  expect(asked.lookups).toHaveLength(2);
});

test("a hundred calls at once ask once", async () => {
  const { asked, resolver } = resolvers();
  const answers = await Promise.all(Array.from({ length: 100 }, () => resolver.resolve("a.example")));
  expect(new Set(answers).size).toBe(1);
  expect(asked.lookups).toEqual(["a.example"]);
});

test("keeps no failure", async () => {
  const { asked, resolver } = resolvers();
  await expect(resolver.resolve("new.example")).rejects.toThrow("ENOTFOUND");
  asked.set("new.example", ["192.0.2.7"]);
  expect(await resolver.resolve("new.example")).toEqual(["192.0.2.7"]);
});

test("holds no more hosts than it may, and lets the oldest answer go first", async () => {
  const { clock, asked, resolver } = resolvers({ maxEntries: 2 });
  await resolver.resolve("a.example");
  await resolver.resolve("b.example");
  clock.advance(5_000);
  await resolver.resolve("a.example"); // Now newer than b.
  await resolver.resolve("c.example"); // b goes.
  await resolver.resolve("a.example");
  await resolver.resolve("b.example");
  expect(asked.lookups).toEqual(["a.example", "b.example", "a.example", "c.example", "b.example"]);
});
