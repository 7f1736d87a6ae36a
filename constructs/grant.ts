import type * as Policy from "../lib/policy/index.js";
import type { Caller } from "./caller.js";
import type { IpPolicy } from "./ip-policy.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Props, Waivable } from "./props.js";

/** All that must hold. An absent condition does not constrain; an empty list matches nothing. */
export interface Conditions extends Props<Omit<Policy.Conditions, "from">> {
  /** Where the call may come from; holds beside the route's own `from`. */
  readonly from?: IpPolicy;
}

export interface GrantProps extends Waivable {
  /** Patterns `METHOD /segments`, with `{name}` for one segment and `**` only as the last; paths are the caller's. */
  readonly requests: readonly string[];
  /** Default: no condition. */
  readonly when?: Conditions;
}

export interface JustInTimeProps extends GrantProps {
  /** Minutes (1 to 1440) that an approved grant lasts at most. */
  readonly maxMinutes: number;
  /** Who may approve; never the caller itself. */
  readonly approvers: readonly Caller[];
  /** How many approvers (1 to 10) must agree. */
  readonly approvals: number;
}

/** Caller × route × requests × conditions. Made by a route; named `<route>-<id>` in the document. */
export class Grant extends PolicyEntry {
  /** @internal */
  constructor(route: PolicyEntry, id: string, grant: Readonly<Record<string, unknown>>) {
    super(route.door, id, { section: "grants", scope: route, entryName: `${route.entryName}-${id}` });
    this.define({ route, ...grant });
  }
}
