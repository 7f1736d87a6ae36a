/** Clock, randomness and name resolution of this machine. */
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import type { Clock, Random, Resolver } from "../../ports.js";

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

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
