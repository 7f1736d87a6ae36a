import type { Caller as CallerDocument } from "../lib/policy/index.js";
import type { Certificate } from "./certificate.js";
import type { Door, EntranceKind } from "./door.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Waivable } from "./props.js";
import type { SigningKeysProps } from "./signing-keys.js";

export interface IamRoleProps extends Waivable {
  /** The role's account: 12 digits. */
  readonly account: string;
  /** The role's name, without its path. */
  readonly roleName: string;
  /** Take the session name for a person. Only where the role's trust policy fixes `sts:RoleSessionName`. Default: no person. */
  readonly person?: "session-name";
}

/** The keys' own `allowedHosts` should be empty, for they go nowhere. */
export interface HmacCallerProps extends SigningKeysProps, Waivable {
  /** Seconds (1 to 900) that a signed timestamp may differ from the clock. Default: 300. */
  readonly windowSeconds?: number;
}

export interface BearerTokenProps extends Waivable {
  /** The token's SHA-256 as 64 lower-case hex digits: the token itself stands nowhere. */
  readonly sha256: string;
}

export interface GithubActionsProps extends Waivable {
  /** The repository as owner/name. */
  readonly repository: string;
  /** The deployment environment that the job must run in. Default: any. */
  readonly environment?: string;
  /** The git ref that the job must run on, such as refs/heads/main. Default: any. */
  readonly ref?: string;
}

export interface JwtProps extends Waivable {
  /** The token's issuer: an https URL. */
  readonly issuer: string;
  /** The audience that the token must name. */
  readonly audience: string;
  /** Claim names to the values allowed for each. Default: none is asked for. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}

export interface ClientCertificateProps extends Waivable {
  /** The authority that must have issued the caller's certificate. */
  readonly authority: Certificate;
  /** A URI among the certificate's alternative names. At least one of the four must be given. */
  readonly sanUri?: string;
  /** A DNS name among the certificate's alternative names. */
  readonly sanDns?: string;
  /** The certificate's subject. */
  readonly subject?: string;
  /** The certificate's SHA-256 as 64 lower-case hex digits. */
  readonly sha256?: string;
}

/** The entrance each proof comes through. A proof that nothing verifies yet opens none. */
const ENTRANCE_OF: Partial<Record<CallerDocument["kind"], EntranceKind>> = { "iam-role": "iam", hmac: "signed", "bearer-token": "signed" };

/** A workload or person that asks, known by a verified identity and never by an address alone. */
export class Caller extends PolicyEntry {
  private constructor(door: Door, id: string, kind: CallerDocument["kind"], props: object) {
    super(door, id, { section: "callers" });
    this.define({ kind, ...props });
    const entrance = ENTRANCE_OF[kind];
    if (entrance !== undefined) door.open(entrance);
  }

  /** An IAM role, proven by SigV4 and verified by API Gateway. */
  static iamRole(door: Door, id: string, props: IamRoleProps): Caller {
    return new Caller(door, id, "iam-role", props);
  }

  /** The holder of a signing key, or of several that overlap. Each signed request is good once. */
  static hmac(door: Door, id: string, props: HmacCallerProps): Caller {
    return new Caller(door, id, "hmac", props);
  }

  /** The holder of a token: for SDKs that can only carry one where the vendor's key would stand. */
  static bearerToken(door: Door, id: string, props: BearerTokenProps): Caller {
    return new Caller(door, id, "bearer-token", props);
  }

  /** A GitHub Actions job, proven by its OIDC token. */
  static githubActions(door: Door, id: string, props: GithubActionsProps): Caller {
    return new Caller(door, id, "github-actions", props);
  }

  /** The holder of a JWT of one issuer. */
  static jwt(door: Door, id: string, props: JwtProps): Caller {
    return new Caller(door, id, "jwt", props);
  }

  /** The holder of a client certificate. */
  static clientCertificate(door: Door, id: string, props: ClientCertificateProps): Caller {
    return new Caller(door, id, "client-certificate", props);
  }
}
