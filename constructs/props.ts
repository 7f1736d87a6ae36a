import type * as Policy from "../lib/policy/index.js";

/** A type of the document as props: nothing in it can be changed. */
export type Props<T> = { readonly [Key in keyof T]: Props<T[Key]> };

/** An accepted exception to one rule. It shows in every policy diff. */
export interface Waiver extends Props<Policy.Waiver> {}

export interface Waivable {
  /** Exceptions to guardrails, each with a reason and the date (YYYY-MM-DD) on which it ends. Default: none. */
  readonly waivers?: readonly Waiver[];
}
