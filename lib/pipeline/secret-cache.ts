/**
 * A bounded cache in front of a secret store: one look-up under way for each name, a value is asked for again once it is
 * no longer fresh, and a store that does not answer is forgiven only within a declared limit. (THREATS 20; fault 1)
 */
import { SallyportError } from "../errors.js";
import type { Clock, ResolvedSecret, SecretStore } from "../ports.js";

export interface SecretCacheOptions {
  readonly clock: Clock;
  /** Milliseconds for which a value is used without asking again. This is how late a revocation may be seen. */
  readonly freshMs: number;
  /** Milliseconds for which a value is still used while the store does not answer. At least `freshMs`. */
  readonly maxStaleMs: number;
  /** Names held at once. Default 10,000. */
  readonly maxEntries?: number;
}

interface Entry {
  readonly secret: ResolvedSecret | undefined;
  readonly fetchedAt: number;
}

export function cachedSecrets(store: SecretStore, { clock, freshMs, maxStaleMs, maxEntries = 10_000 }: SecretCacheOptions): SecretStore {
  const entries = new Map<string, Entry>();
  const underWay = new Map<string, Promise<ResolvedSecret | undefined>>();

  const ask = async (name: string): Promise<ResolvedSecret | undefined> => {
    try {
      const secret = await store.get(name);
      entries.delete(name);
      if (entries.size >= maxEntries) entries.delete(entries.keys().next().value!);
      entries.set(name, { secret, fetchedAt: clock.monotonic() });
      return secret;
    } catch (cause) {
      const known = entries.get(name);
      if (known !== undefined && clock.monotonic() - known.fetchedAt <= maxStaleMs) return known.secret;
      if (cause instanceof SallyportError && cause.code === "SECRET_UNAVAILABLE") throw cause;
      throw new SallyportError("SECRET_UNAVAILABLE", { secret: name }, { cause });
    } finally {
      underWay.delete(name);
    }
  };

  return {
    async get(name) {
      const known = entries.get(name);
      if (known !== undefined && clock.monotonic() - known.fetchedAt < freshMs) return known.secret;
      let pending = underWay.get(name);
      if (pending === undefined) {
        pending = ask(name);
        underWay.set(name, pending);
      }
      return pending;
    },
  };
}
