/** Clock, randomness and name resolution of this machine. */
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import type { Clock, Random, Resolver } from "../../ports.js";

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

const RANDOM_BLOCK_BYTES = 4096;
/** Longer draws are keys: they get bytes of their own. */
const MAX_BLOCK_DRAW_BYTES = 24;
let block = Buffer.alloc(0);

/** Request ids and nonces come from blocks, because a call of the generator costs more than the bytes. None is given out twice. */
export const systemRandom: Random = {
  bytes: (length) => {
    if (length > MAX_BLOCK_DRAW_BYTES) return randomBytes(length);
    if (block.byteLength < length) block = randomBytes(RANDOM_BLOCK_BYTES);
    const drawn = block.subarray(0, length);
    block = block.subarray(length);
    return drawn;
  },
};

/**
 * Asks the system's resolver (hosts file, then DNS) for all addresses of a host, in its order.
 * @param fixed addresses by lower-case host name that are answered without asking, as curl's `--resolve` does
 */
export const systemResolver = (fixed: Readonly<Record<string, readonly string[]>> = {}): Resolver => {
  const known = new Map(Object.entries(fixed));
  return {
    resolve: async (host) =>
      known.get(host.toLowerCase()) ?? (await lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address),
  };
};
