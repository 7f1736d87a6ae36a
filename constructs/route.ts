import type * as Policy from "../lib/policy/index.js";
import type { Caller } from "./caller.js";
import type { Certificate } from "./certificate.js";
import type { Door } from "./door.js";
import { Grant, type GrantProps, type JustInTimeProps } from "./grant.js";
import type { Injection } from "./inject.js";
import type { IpPolicy } from "./ip-policy.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Props, Waivable } from "./props.js";
import type { SigningProfile } from "./signing-profile.js";

export interface RouteProps extends Waivable {
  /** The team that answers for it. */
  readonly owner: string;
  /** The upstream's origin, with an optional port and base path, such as https://api.example.com/v2. */
  readonly target: string;
  /** Host names that name this route in place of the path. Default: none. */
  readonly hosts?: readonly string[];
  /** Where every call must come from. Default: anywhere. */
  readonly from?: IpPolicy;
  /** Credentials to add to each request. Default: none. */
  readonly inject?: readonly Injection[];
  /** How to sign each request. Default: not signed. */
  readonly sign?: SigningProfile;
  /** The certificate to present to the upstream. Default: none. */
  readonly tls?: { readonly clientCertificate?: Certificate };
  /** `forward`: the only caller headers that are passed on, in lower case. Default: all that are safe to. */
  readonly headers?: Props<Policy.RouteHeaders>;
  /** `maxBodyBytes` (0 to 104857600, default 10485760) and `deadlineSeconds` (1 to 900, default 25). */
  readonly limits?: Props<Policy.RouteLimits>;
  /** `idempotencyHeader`: the header that makes a request safe to repeat. Default: no retry. */
  readonly retry?: Props<Policy.RouteRetry>;
  /** What kind of data the upstream is given, for conditions on `dataClasses`. Default: none. */
  readonly dataClass?: string;
}

/** A name for one upstream origin, and how calls to it are made. Nobody may use it until it allows them. */
export class Route extends PolicyEntry {
  constructor(door: Door, id: string, props: RouteProps) {
    super(door, id, { section: "routes" });
    this.define(props);
  }

  /** Lets a caller make these requests. */
  allow(id: string, caller: Caller, props: GrantProps): Grant {
    return new Grant(this, id, { caller, ...props });
  }

  /** Denies a caller these requests, whatever else allows them. */
  deny(id: string, caller: Caller, props: GrantProps): Grant {
    return new Grant(this, id, { caller, effect: "deny", ...props });
  }

  /** Lets a caller make these requests for a while, once others have agreed. */
  allowJustInTime(id: string, caller: Caller, { maxMinutes, approvers, approvals, ...props }: JustInTimeProps): Grant {
    return new Grant(this, id, { caller, justInTime: { maxMinutes, approvers, approvals }, ...props });
  }
}
