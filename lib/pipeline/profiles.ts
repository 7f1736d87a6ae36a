/** The signing profiles of a policy, compiled once: one for each hmac caller, one for each that signs calls out. */
import type { Policy } from "../policy/compile.js";
import { hmacProfile } from "../signing/hmac.js";
import type { SigningProfile } from "../signing/profile.js";

export interface OutboundProfile {
  readonly profile: SigningProfile;
  readonly keyId: string;
  /** Name of the secret that holds the key. */
  readonly secret: string;
}

export interface ProfileSet {
  /** By caller name. */
  readonly inbound: ReadonlyMap<string, SigningProfile>;
  /** By profile name. */
  readonly outbound: ReadonlyMap<string, OutboundProfile>;
}

/** The profile that a message from nobody is verified against, so that it takes as long as any other. */
export const STRANGER: SigningProfile = hmacProfile({ name: "caller", form: "strict" });

export function compileProfiles({ document }: Policy): ProfileSet {
  const inbound = new Map<string, SigningProfile>();
  for (const [name, caller] of Object.entries(document.callers)) {
    if (caller.kind !== "hmac") continue;
    inbound.set(
      name,
      hmacProfile({ name: "caller", form: "strict", ...(caller.windowSeconds && { windowSeconds: caller.windowSeconds }) }),
    );
  }
  const outbound = new Map<string, OutboundProfile>();
  for (const [name, { form = "strict", key, keyId = name }] of Object.entries(document.signingProfiles ?? {})) {
    outbound.set(name, { profile: hmacProfile({ name, form }), keyId, secret: key });
  }
  return { inbound, outbound };
}
