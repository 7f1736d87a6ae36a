/**
 * A small positive cache in front of a resolver: many calls to one host ask once, and none waits for an answer that
 * another is waiting for. Failures are not kept. What was cached is judged again at each call, as a fresh answer is.
 */
import type { Clock, Resolver } from "../../ports.js";

export interface CachingResolverOptions {
  readonly clock: Clock;
  /** Milliseconds for which an answer is used. Default 5,000. */
  readonly ttlMs?: number;
  /** Hosts held at once. Default 1,000. */
  readonly maxEntries?: number;
}

export function cachingResolver(resolver: Resolver, { clock, ttlMs = 5_000, maxEntries = 1_000 }: CachingResolverOptions): Resolver {
  const answers = new Map<string, { readonly addresses: readonly string[]; readonly usableUntil: number }>();
  const underWay = new Map<string, Promise<readonly string[]>>();

  const ask = async (host: string): Promise<readonly string[]> => {
    try {
      const addresses = await resolver.resolve(host);
      answers.delete(host);
      if (answers.size >= maxEntries) answers.delete(answers.keys().next().value!);
      answers.set(host, { addresses, usableUntil: clock.monotonic() + ttlMs });
      return addresses;
    } finally {
      underWay.delete(host);
    }
  };

  return {
    async resolve(host) {
      const known = answers.get(host);
      if (known !== undefined && clock.monotonic() < known.usableUntil) return known.addresses;
      let pending = underWay.get(host);
      if (pending === undefined) {
        pending = ask(host);
        underWay.set(host, pending);
      }
      return pending;
    },
  };
}
