import type { Secret } from "./secret.js";

/** Where a secret enters a request; made by {@link Inject}. */
export type Injection =
  | { readonly kind: "bearer"; readonly secret: Secret }
  | { readonly kind: "basic"; readonly username: string; readonly secret: Secret }
  | { readonly kind: "header"; readonly name: string; readonly secret: Secret; readonly template?: string }
  | { readonly kind: "query"; readonly name: string; readonly secret: Secret };

export const Inject = {
  /** `Authorization: Bearer <secret>`. */
  bearer: (secret: Secret): Injection => ({ kind: "bearer", secret }),

  /** `Authorization: Basic …` of `username` and the secret. The name may be empty and holds no colon. */
  basic: (username: string, secret: Secret): Injection => ({ kind: "basic", username, secret }),

  /**
   * A header of its own, its name in lower case.
   * @param options.template printable text with `{secret}` exactly once. Default: the secret alone.
   */
  header: (name: string, secret: Secret, options: { readonly template?: string } = {}): Injection => ({
    kind: "header",
    name,
    secret,
    ...options,
  }),

  /** A query parameter: for upstreams that know no better, since URLs are logged on the way. */
  query: (name: string, secret: Secret): Injection => ({ kind: "query", name, secret }),
};
