import type { Door } from "./door.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Waivable } from "./props.js";

export interface IpPolicyProps extends Waivable {
  /** Networks a call may come from, in CIDR form. Default: any. An empty list lets nobody in. */
  readonly allow?: readonly string[];
  /** Networks a call must not come from; beats `allow`. Default: none. */
  readonly deny?: readonly string[];
  /** ISO 3166-1 alpha-2 codes a call may come from, or `unknown`. Holds beside the networks. Default: any. */
  readonly countries?: readonly string[];
}

/** Networks and countries that a call may come from, judged by the platform's own source address. */
export class IpPolicy extends PolicyEntry {
  constructor(door: Door, id: string, props: IpPolicyProps) {
    super(door, id, { section: "ipPolicies" });
    this.define(props);
  }
}
