/**
 * The keys of an hmac caller or a signing profile. The document has two forms: `key`, with `keyId` where it is not the
 * entry's own name, and `keys`, several of them whose times overlap, so that one replaces another without a gap.
 */
import type { SigningKey } from "./document.generated.js";

export interface NamedKey extends SigningKey {
  readonly keyId: string;
}

interface Keyed {
  readonly key?: string;
  readonly keyId?: string;
  readonly keys?: Readonly<Record<string, SigningKey>>;
}

/** Each key with its place in the entry. @param name the entry's */
export function placedKeys(name: string, { key, keyId = name, keys = {} }: Keyed): (readonly [NamedKey, ...at: string[]])[] {
  const single = key === undefined ? [] : [[{ keyId, key }, "key"] as const];
  const several = Object.entries(keys).map(([id, entry]) => [{ ...entry, keyId: id }, "keys", id, "key"] as const);
  return [...single, ...several];
}

export const keysOf = (name: string, keyed: Keyed): NamedKey[] => placedKeys(name, keyed).map(([key]) => key);
