/**
 * The gateway with all of it on: HMAC caller, durable single use, grant, bearer injection, strict outbound signing,
 * audit chain, metrics, scrubbing. The upstream on loopback and in the clear takes a waiver and an operator's word.
 */
import { join } from "node:path";
import {
  auditedCommits,
  openAuditFile,
  openLmdbCommitStore,
  prometheusMetrics,
  secretFile,
  startGateway,
  systemClock,
  systemRandom,
  systemResolver,
  undiciUpstream,
} from "../../../lib/adapters/local/index.js";
import { CidrSet, parseCidr } from "../../../lib/net/cidr.js";
import { cachedSecrets } from "../../../lib/pipeline/index.js";
import { loadPolicy } from "../../../lib/policy/index.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { announce } from "./announce.js";
import { CALLER_KEY, CALLER_KEY_ID, OUTBOUND_KEY, PATH, ROUTE, UPSTREAM_TOKEN } from "./scenario.js";

const [upstreamPort = "", folder = ""] = process.argv.slice(2);

const POLICY = `
version: 1
name: bench
environment: bench
secrets:
  caller-key:   { source: { kind: managed }, allowedHosts: [], maxAgeDays: 90 }
  token:        { source: { kind: managed }, allowedHosts: ["127.0.0.1"], maxAgeDays: 90 }
  outbound-key: { source: { kind: managed }, allowedHosts: ["127.0.0.1"], maxAgeDays: 90 }
ipPolicies:
  loopback: { allow: [127.0.0.0/8] }
signingProfiles:
  outbound: { kind: hmac, form: strict, key: outbound-key }
callers:
  payments: { kind: hmac, key: caller-key, keyId: ${CALLER_KEY_ID} }
routes:
  ${ROUTE}:
    owner: bench
    target: http://127.0.0.1:${upstreamPort}
    inject: [{ kind: bearer, secret: token }]
    sign: outbound
    waivers: [{ rule: cleartext-target, reason: a benchmark on loopback, expires: "9999-12-31" }]
grants:
  charge:
    caller: payments
    route: ${ROUTE}
    requests: [POST ${PATH}]
    when: { from: loopback, requireHeaders: [idempotency-key] }
`;

async function main(): Promise<void> {
  const secrets = secretFile({ path: join(folder, "secrets.json"), keyPath: join(folder, "key") });
  for (const [name, value] of Object.entries({ "caller-key": CALLER_KEY, token: UPSTREAM_TOKEN, "outbound-key": OUTBOUND_KEY })) {
    await secrets.set(name, new SecretValue(value));
  }
  const audit = await openAuditFile({ path: join(folder, "audit.jsonl") });
  const { listening } = await startGateway({
    listeners: [{ host: "127.0.0.1", port: 0 }],
    policy: loadPolicy([{ text: POLICY, file: "bench.yaml" }], { today: new Date().toISOString().slice(0, 10) }),
    clock: systemClock,
    random: systemRandom,
    secrets: cachedSecrets(secrets, { clock: systemClock, freshMs: 5_000, maxStaleMs: 60_000 }),
    commits: auditedCommits(openLmdbCommitStore({ path: join(folder, "claims") }), audit),
    audit,
    metrics: prometheusMetrics(),
    resolver: systemResolver(),
    upstream: undiciUpstream(),
    allowUpstream: new CidrSet([parseCidr("127.0.0.0/8")!]),
  });
  announce(listening[0]!.port);
}

void main();
