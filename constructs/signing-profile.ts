import type { Door } from "./door.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Waivable } from "./props.js";
import type { Secret } from "./secret.js";

export interface HmacSigningProps extends Waivable {
  /** The signing key. */
  readonly key: Secret;
  /** `strict` signs authority, nonce and key id too; `plain` is for upstreams that ask for it. Default: `strict`. */
  readonly form?: "strict" | "plain";
  /** What the upstream knows the key by: 1 to 128 letters, digits, dots, hyphens and underscores. Default: the profile's id. */
  readonly keyId?: string;
}

/** How requests to an upstream are signed and kept fresh. */
export class SigningProfile extends PolicyEntry {
  private constructor(door: Door, id: string, profile: object) {
    super(door, id, { section: "signingProfiles" });
    this.define(profile);
  }

  /** HMAC-SHA256. */
  static hmac(door: Door, id: string, props: HmacSigningProps): SigningProfile {
    return new SigningProfile(door, id, { kind: "hmac", ...props });
  }
}
