/** The signing profiles of a policy, compiled once: one for each hmac caller, one for each that signs calls out. */
import type { Policy } from "../policy/compile.js";
import type { SigningProfile as ProfileDocument } from "../policy/document.generated.js";
import { signatureHeaders } from "../policy/signature-headers.js";
import { keysOf } from "../policy/signing-keys.js";
import { hmacProfile } from "../signing/hmac.js";
import { type Keyring, type KeyringKey, keyring } from "../signing/keyring.js";
import { awsProfile } from "../signing/presets/aws.js";
import { presetProfile } from "../signing/presets/preset.js";
import type { SigningProfile } from "../signing/profile.js";
import { rfc9421Profile } from "../signing/rfc9421.js";

/** A profile with its keys, each by the name of the secret that holds it. */
interface KeyedProfile {
  readonly profile: SigningProfile;
  readonly keys: Keyring<string>;
}

export interface OutboundProfile extends KeyedProfile {
  /** Whether it signs the body's bytes, and not their hash. */
  readonly signsBytes: boolean;
  /** The headers that it may add, in lower case. */
  readonly headers: readonly string[];
}

export interface ProfileSet {
  /** By caller name. */
  readonly inbound: ReadonlyMap<string, KeyedProfile>;
  /** By profile name. */
  readonly outbound: ReadonlyMap<string, OutboundProfile>;
}

/** The profile that a message from nobody is verified against, so that it takes as long as any other. */
export const STRANGER: SigningProfile = hmacProfile({ name: "caller", form: "strict" });

export function compileProfiles({ document }: Policy): ProfileSet {
  const inbound = new Map<string, KeyedProfile>();
  for (const [name, caller] of Object.entries(document.callers)) {
    if (caller.kind !== "hmac") continue;
    const { windowSeconds } = caller;
    const profile = hmacProfile({ name: "caller", form: "strict", ...(windowSeconds !== undefined && { windowSeconds }) });
    inbound.set(name, { profile, keys: ringOf(name, "verify", caller) });
  }
  const outbound = new Map<string, OutboundProfile>();
  for (const [name, entry] of Object.entries(document.signingProfiles ?? {})) {
    outbound.set(name, {
      profile: compileProfile(name, entry),
      keys: ringOf(name, "sign", entry),
      signsBytes: entry.kind === "preset",
      headers: signatureHeaders(entry),
    });
  }
  return { inbound, outbound };
}

/** All that a route decides of a request, besides its body, which is covered by its digest. */
const RFC9421_COMPONENTS = ["@method", "@authority", "@path", "@query"];

function compileProfile(name: string, entry: ProfileDocument): SigningProfile {
  switch (entry.kind) {
    case "hmac":
      return hmacProfile({ name, form: entry.form ?? "strict" });
    case "rfc9421":
      return rfc9421Profile({ name, algorithm: entry.algorithm ?? "hmac-sha256", components: RFC9421_COMPONENTS });
    case "sigv4":
      return awsProfile({ name, region: entry.region, service: entry.service });
    case "preset":
      return presetProfile(entry.preset, { name });
  }
}

const ringOf = (profile: string, direction: KeyringKey["direction"], entry: Parameters<typeof keysOf>[1]): Keyring<string> =>
  keyring(
    keysOf(profile, entry).map(({ keyId, key, state = "active", notBefore, notAfter }) => ({
      id: keyId,
      profile,
      direction,
      state,
      ...(notBefore !== undefined && { notBefore: Date.parse(notBefore) }),
      ...(notAfter !== undefined && { notAfter: Date.parse(notAfter) }),
      secret: key,
    })),
  );
