/** One process of `claims resident`, run with --expose-gc: what a million live claims add to its resident memory, in MiB. */
import { hash } from "node:crypto";
import { MemoryCommitStore } from "../../lib/signing/replay.js";

const CLAIMS = Number(process.argv[2]);
const OWNERS = 1000;
const MIB = 2 ** 20;

const residentMiB = (): number => {
  for (let pass = 0; pass < 3; pass++) globalThis.gc!();
  return process.memoryUsage.rss() / MIB;
};

const seconds = Math.floor(Date.now() / 1000);
const commit = async (store: MemoryCommitStore, number: number): Promise<void> => {
  const claim = `${seconds}:caller:payments:${hash("sha256", String(number), "hex")}`;
  const expiresAt = (seconds + 300 + (number % 60)) * 1000;
  const result = await store.commit({ claim, expiresAt, owner: `key-${number % OWNERS}`, intent: {} }, seconds * 1000);
  if (result !== "committed") throw new Error(`a new claim was ${result}`);
};

async function main(): Promise<void> {
  const warm = new MemoryCommitStore({ maxClaims: 1000 });
  for (let number = 0; number < 100; number++) await commit(warm, number);
  const before = residentMiB();
  const store = new MemoryCommitStore({ maxClaims: CLAIMS });
  for (let number = 0; number < CLAIMS; number++) await commit(store, number);
  const added = residentMiB() - before;
  await commit(warm, 100); // Neither store may be collected before it was weighed.
  await store.release("");
  console.log(added);
}

void main();
