/** The key that a call is signed with: the same however often it is asked for, since the call's own time chooses it. */
import type { KeyringKey } from "../signing/keyring.js";
import type { Bounded } from "./stages/bound.js";
import type { Routed } from "./stages/route.js";

/**
 * @returns the key by the name of the secret that holds it; undefined when the route does not sign
 * @throws {REVOKED | SECRET_MISSING} when no key is good now
 */
export const signingKeyOf = ({ profiles, route, now }: Bounded & Routed): KeyringKey<string> | undefined =>
  route.sign === undefined ? undefined : profiles.outbound.get(route.sign)!.keys.signingKey(route.sign, now);
