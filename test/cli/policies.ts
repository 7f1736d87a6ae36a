/** A small policy, and the ways in which tests change it. */
export const POLICY = `version: 1
name: door
environment: dev
secrets:
  vendor-key: { source: { kind: managed }, allowedHosts: [api.vendor.example], maxAgeDays: 90 }
  caller-key: { source: { kind: managed }, allowedHosts: [api.vendor.example], maxAgeDays: 90 }
ipPolicies:
  vpc: { allow: [10.0.0.0/8], deny: [10.9.0.0/16] }
callers:
  payments: { kind: hmac, key: caller-key }
  ci: { kind: github-actions, repository: acme/app }
routes:
  vendor: { owner: team, target: https://api.vendor.example, inject: [{ kind: bearer, secret: vendor-key }] }
grants:
  charge: { caller: payments, route: vendor, requests: [POST /charges], when: { from: vpc, requireHeaders: [idempotency-key] } }
  read: { caller: payments, route: vendor, requests: [GET /charges/**] }
  no-refunds: { caller: payments, route: vendor, requests: [POST /refunds], effect: deny }
  all-posts: { caller: payments, route: vendor, requests: [POST /**], when: { from: vpc } }
tests:
  charge: { caller: payments, route: vendor, request: POST /charges, from: 10.1.2.3, headers: [idempotency-key], expect: allow }
`;

/** The policy with one text replaced; fails when the text does not stand in it. */
export function changed(text: string, by: string, policy = POLICY): string {
  if (!policy.includes(text)) throw new Error(`the policy does not hold ${JSON.stringify(text)}`);
  return policy.replace(text, by);
}
