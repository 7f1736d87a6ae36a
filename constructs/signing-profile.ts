import type { PresetProfile, Rfc9421Profile } from "../lib/policy/index.js";
import type { Door } from "./door.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Waivable } from "./props.js";
import type { SigningKeysProps } from "./signing-keys.js";

export interface HmacSigningProps extends SigningKeysProps, Waivable {
  /** `strict` signs authority, nonce and key id too; `plain` is for upstreams that ask for it. Default: `strict`. */
  readonly form?: "strict" | "plain";
}

export interface Rfc9421SigningProps extends SigningKeysProps, Waivable {
  /** The key is a shared secret for `hmac-sha256`, else a private key as PEM. Default: `hmac-sha256`. */
  readonly algorithm?: NonNullable<Rfc9421Profile["algorithm"]>;
}

/** The key is a secret access key, its id the access key id. */
export interface Sigv4SigningProps extends SigningKeysProps, Waivable {
  /** Such as eu-west-1. */
  readonly region: string;
  /** As a credential scope names it, such as s3 or execute-api. */
  readonly service: string;
}

export interface PresetSigningProps extends SigningKeysProps, Waivable {
  /** Whose scheme: stripe, github, slack, shopify, twilio or standard-webhooks. */
  readonly preset: PresetProfile["preset"];
  /** Must be said of a scheme without freshness or with SHA-1, or be waived: github, shopify and twilio. */
  readonly weak?: true;
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

  /** HTTP Message Signatures with a Content-Digest: RFC 9421 and RFC 9530. */
  static rfc9421(door: Door, id: string, props: Rfc9421SigningProps): SigningProfile {
    return new SigningProfile(door, id, { kind: "rfc9421", ...props });
  }

  /** AWS Signature Version 4. */
  static sigv4(door: Door, id: string, props: Sigv4SigningProps): SigningProfile {
    return new SigningProfile(door, id, { kind: "sigv4", ...props });
  }

  /** The scheme of a vendor's webhooks. */
  static preset(door: Door, id: string, props: PresetSigningProps): SigningProfile {
    return new SigningProfile(door, id, { kind: "preset", ...props });
  }
}
