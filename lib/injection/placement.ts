/** Where a rendered credential goes. Whatever the caller sent at an equivalent place is removed first. */
import type { SecretValue } from "../secret-value.js";

export type Placement = { readonly header: string; readonly value: string } | { readonly parameter: string; readonly value: string };

/** One injection kind: how its secret becomes a placement. */
export type Render<Injection> = (injection: Injection, secret: SecretValue) => Placement;
