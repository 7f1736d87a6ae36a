import type { Caller } from "./caller.js";
import type { Door } from "./door.js";
import type { Construct } from "./framework.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Route } from "./route.js";

export interface PolicyTestProps {
  readonly caller: Caller;
  readonly route: Route;
  /** `METHOD /path`, as the caller would write it. */
  readonly request: string;
  /** The address it comes from. Default: unknown, which fails every condition on it. */
  readonly from?: string;
  /** The country it comes from, as an ISO 3166-1 alpha-2 code or `unknown`. Default: unknown. */
  readonly country?: string;
  /** Headers it carries, in lower case. Default: none. */
  readonly headers?: readonly string[];
  /** Its risk, 0 to 100. Default: unknown, which fails every condition on it. */
  readonly risk?: number;
  readonly expect: "allow" | "deny";
}

/** A request with the decision it must get. Made by `door.test`. */
export class PolicyTest extends PolicyEntry {
  /** @internal */
  constructor(door: Door, scope: Construct, id: string, props: PolicyTestProps) {
    super(door, id, { section: "tests", scope });
    this.define(props);
  }
}
