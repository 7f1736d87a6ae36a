import { describe, expect, it } from "vitest";
import { groupCommit } from "../../../lib/adapters/local/group-commit.js";

/** A write that ends when told, and remembers what it took. */
const heldWrite = () => {
  const batches: number[][] = [];
  const pending: { succeed: () => void; fail: (error: Error) => void }[] = [];
  const write = (items: readonly number[]) => {
    batches.push([...items]);
    return new Promise<number[]>((resolve, reject) => {
      pending.push({ succeed: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  };
  return { batches, pending, write };
};
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("groupCommit", () => {
  it("writes what is submitted in one turn at once, and gives each its own result", async () => {
    const { batches, pending, write } = heldWrite();
    const { submit } = groupCommit(write);
    const results = [submit(1), submit(2), Promise.resolve().then(() => submit(3))];
    await turn();
    pending[0]!.succeed();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it("keeps what comes during a write for the next one, so that writes never overlap", async () => {
    const { batches, pending, write } = heldWrite();
    const { submit } = groupCommit(write);
    const first = submit(1);
    await turn();
    const later = [submit(2), submit(3)];
    await turn();
    expect(batches).toEqual([[1]]);
    pending[0]!.succeed();
    await first;
    await turn();
    expect(batches).toEqual([[1], [2, 3]]);
    pending[1]!.succeed();
    expect(await Promise.all(later)).toEqual([20, 30]);
  });

  it("fails all of a batch with its write, and none of the next", async () => {
    const { pending, write } = heldWrite();
    const { submit } = groupCommit(write);
    const failing = Promise.allSettled([submit(1), submit(2)]);
    await turn();
    const next = submit(3);
    pending[0]!.fail(new Error("disk full"));
    expect((await failing).map((result) => result.status === "rejected" && result.reason.message)).toEqual(["disk full", "disk full"]);
    await turn();
    pending[1]!.succeed();
    expect(await next).toBe(30);
  });

  it("is idle when nothing is queued or in flight", async () => {
    const { pending, write } = heldWrite();
    const group = groupCommit(write);
    await group.idle();
    const result = group.submit(1);
    let idle = false;
    const wait = group.idle().then(() => {
      idle = true;
    });
    await turn();
    expect(idle).toBe(false);
    pending[0]!.succeed();
    await wait;
    expect(await result).toBe(10);
  });
});
