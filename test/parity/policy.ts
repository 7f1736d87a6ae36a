/** A policy with every injection kind, both signed forms, and a rule for each way to be denied. */
import { createHash } from "node:crypto";
import type { Grant, PolicyDocument, Route, Secret } from "../../lib/policy/document.generated.js";
import { TOKEN } from "../fakes/door.js";

export const UPSTREAM_NAME = "api.example.com";
export const INJECTED_PARAMETER = "api_key";
export const REVOKED_TOKEN = "a token whose caller is revoked".replaceAll(" ", "-");

export const METHODS = ["GET", "POST", "PUT", "PATCH", "HEAD"] as const;

/** Routes on which everything below `/v1` is granted. */
export const ROUTES = ["bearer", "basic", "header", "query", "both", "plain", "strict", "forwarding", "guarded", "small"];

export function parityPolicy(port: number): PolicyDocument {
  const secret = (...allowedHosts: string[]): Secret => ({ source: { kind: "managed" }, maxAgeDays: 90, allowedHosts });
  const route = (fields: Partial<Route>): Route => ({ owner: "team", target: `https://${UPSTREAM_NAME}:${port}/base`, ...fields });
  const token = (text: string) => ({ kind: "bearer-token" as const, sha256: createHash("sha256").update(text).digest("hex") });
  const bearer = { kind: "bearer", secret: "api-key" } as const;
  const below = (path: string) => METHODS.map((method) => `${method} ${path}`);
  const grants = ["payments", "batch", "revoked"].flatMap((caller): [string, Grant][] => [
    ...[...ROUTES, "certified"].map((name): [string, Grant] => [`${name}-${caller}`, { caller, route: name, requests: below("/v1/**") }]),
    [`conditional-${caller}`, { caller, route: "conditional", requests: below("/v1/**"), when: { requireHeaders: ["idempotency-key"] } }],
    [`no-export-${caller}`, { caller, route: "bearer", effect: "deny", requests: below("/v1/export") }],
  ]);
  return {
    version: 1,
    name: "parity",
    environment: "test",
    secrets: {
      "caller-key": secret(),
      "api-key": secret(`${UPSTREAM_NAME}:${port}`),
      "signing-key": secret(`${UPSTREAM_NAME}:${port}`),
    },
    certificates: { client: { source: { kind: "managed" }, allowedHosts: [`${UPSTREAM_NAME}:${port}`] } },
    ipPolicies: { here: { allow: ["127.0.0.1/32"] } },
    signingProfiles: {
      plain: { kind: "hmac", key: "signing-key", form: "plain" },
      strict: { kind: "hmac", key: "signing-key", keyId: "door-2026" },
    },
    callers: { payments: { kind: "hmac", key: "caller-key", keyId: "payments-1" }, batch: token(TOKEN), revoked: token(REVOKED_TOKEN) },
    routes: {
      bearer: route({ inject: [bearer] }),
      basic: route({ inject: [{ kind: "basic", username: "door", secret: "api-key" }] }),
      header: route({ inject: [{ kind: "header", name: "x-api-key", secret: "api-key", template: "key={secret}" }] }),
      query: route({ inject: [{ kind: "query", name: INJECTED_PARAMETER, secret: "api-key" }] }),
      both: route({ inject: [bearer, { kind: "header", name: "x-api-key", secret: "signing-key" }] }),
      plain: route({ sign: "plain" }),
      strict: route({ sign: "strict", inject: [bearer] }),
      forwarding: route({ headers: { forward: ["accept", "x-many"] }, inject: [bearer] }),
      guarded: route({ from: "here" }),
      small: route({ limits: { maxBodyBytes: 1024 } }),
      conditional: route({ inject: [bearer] }),
      certified: route({ tls: { clientCertificate: "client" } }),
    },
    grants: Object.fromEntries(grants),
  };
}
