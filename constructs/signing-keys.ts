import type * as Policy from "../lib/policy/index.js";
import type { Props } from "./props.js";
import type { Secret } from "./secret.js";

/** One of several keys whose times overlap, so that the next replaces the last without a gap. */
export interface SigningKey extends Omit<Props<Policy.SigningKey>, "key"> {
  readonly key: Secret;
}

/** One key, or several by their ids: exactly one of `key` and `keys` must be given. */
export interface SigningKeysProps {
  /** The one key. */
  readonly key?: Secret;
  /** What the other side knows it by: 1 to 128 letters, digits, dots, hyphens and underscores. Default: the id of the construct. */
  readonly keyId?: string;
  /**
   * Several keys by their ids. Each may have a `state` (`active` by default, `verify-only`, or `revoked`) and times in UTC,
   * such as 2026-01-31T12:00:00Z, before (`notBefore`) and after (`notAfter`) which it is not used. Of several that can
   * sign, the one whose time began last does.
   */
  readonly keys?: Readonly<Record<string, SigningKey>>;
}
