/**
 * What is derived from a secret, kept for as long as the secret itself and no longer: a rotated secret is another object
 * and never meets its predecessor's keys, whatever its key id. Deriving costs several times what signing does.
 */
import type { SecretValue } from "../secret-value.js";

/** A presigned target lives a week, so a verifier meets eight days. */
const MAX_PER_SECRET = 8;

/** @param derive what depends on nothing but the secret and the context */
export function rememberingDerived<T>(derive: (secret: SecretValue, context: string) => T): (secret: SecretValue, context: string) => T {
  const bySecret = new WeakMap<SecretValue, Map<string, T>>();
  return (secret, context) => {
    const byContext = bySecret.get(secret) ?? new Map<string, T>();
    const known = byContext.get(context);
    if (known !== undefined) return known;
    const derived = derive(secret, context);
    if (byContext.size >= MAX_PER_SECRET) byContext.delete(byContext.keys().next().value!);
    bySecret.set(secret, byContext.set(context, derived));
    return derived;
  };
}
