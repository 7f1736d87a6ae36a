/**
 * A door over AWS, once an instance: its claims and revocations in DynamoDB, its secrets in Secrets Manager, its audit
 * and metrics in the function's log.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { LifecycleEvent } from "../../audit/event.js";
import { type Cidr, CidrSet, formatCidr } from "../../net/cidr.js";
import { isoTime } from "../../pipeline/describe.js";
import { createDoor, type Door, type DoorOptions } from "../../pipeline/door.js";
import { cachedSecrets } from "../../pipeline/secret-cache.js";
import { unverifiableCallers } from "../../pipeline/unverifiable-callers.js";
import type { Upstream } from "../../pipeline/upstream.js";
import type { Caller } from "../../policy/document.generated.js";
import type { AuditSink } from "../../ports.js";
import { cachingResolver } from "../local/caching-resolver.js";
import { systemClock, systemRandom, systemResolver } from "../local/system-ports.js";
import type { EntranceKind } from "./api-gateway-event.js";
import type { Deployment } from "./deployment.js";
import { dynamodbCommitStore } from "./dynamodb-commit-store.js";
import { dynamodbRevocations } from "./dynamodb-revocations.js";
import { type EmfMetrics, emfMetrics } from "./emf-metrics.js";
import { type FreezableClock, freezableClock } from "./freezable-clock.js";
import { logAudit } from "./log-audit.js";
import { type WriteLine, writeLogLine } from "./log-line.js";
import { secretsManagerStore } from "./secrets-manager-store.js";

/** What one instance of the function works with. */
export interface AwsDoor {
  readonly door: Door;
  readonly clock: FreezableClock;
  readonly metrics: EmfMetrics;
  /** Kind of proof by API id: only these APIs may invoke. */
  readonly entrances: ReadonlyMap<string, EntranceKind>;
}

export interface AwsDoorOptions extends Partial<Pick<DoorOptions, "random" | "resolver" | "upstream" | "limits">> {
  readonly deployment: Deployment;
  /** Default: clients of the function's own region and role. */
  readonly dynamodb?: DynamoDBClient;
  readonly secretsManager?: SecretsManagerClient;
  /** Default: standard output. */
  readonly write?: WriteLine;
}

const VERIFIABLE: ReadonlySet<Caller["kind"]> = new Set<Caller["kind"]>(["iam-role", "hmac", "bearer-token"]);

/** Three jittered attempts, each bounded, so that a store that hangs is told before the platform's own deadline. */
const CLIENT_BOUNDS = { maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000 } };

export async function openAwsDoor({ deployment, ...options }: AwsDoorOptions): Promise<AwsDoor> {
  const { policy, bindings, allowUpstream, secretFreshMs: freshMs, secretMaxStaleMs: maxStaleMs, revocationPollMs: pollMs } = deployment;
  const { random = systemRandom, write = writeLogLine, upstream = lazyUpstream(), resolver, limits } = options;
  const { dynamodb: client = new DynamoDBClient(CLIENT_BOUNDS), secretsManager = new SecretsManagerClient(CLIENT_BOUNDS) } = options;
  const clock = freezableClock(systemClock);
  const { document } = policy;
  const tableName = bindings.commitTable;
  const ids = new Map(Object.entries({ ...bindings.secrets, ...bindings.certificates }));
  const entrances = new Map(Object.entries(bindings.entrances).map(([kind, apiId]) => [apiId, kind as EntranceKind]));
  const audit = logAudit(write);
  const metrics = emfMetrics({ clock, write, dimensions: { door: document.name, environment: document.environment } });

  const door = createDoor({
    policy,
    allowUpstream: new CidrSet(allowUpstream),
    clock,
    random,
    audit,
    metrics,
    upstream,
    commits: dynamodbCommitStore({ client, tableName, random }),
    revocations: dynamodbRevocations({ client, tableName, clock, pollMs }),
    secrets: cachedSecrets(secretsManagerStore({ client: secretsManager, document, ids }), { clock, freshMs, maxStaleMs }),
    resolver: resolver ?? cachingResolver(systemResolver(), { clock }),
    isOwnAuthority: (authority) => entrances.has(EXECUTE_API.exec(authority)?.[1] ?? ""),
    ...(limits && { limits }),
  });
  await tellStart(door, audit, allowUpstream);
  return { door, clock, metrics, entrances };
}

/** The host that API Gateway gives an API: `<id>.execute-api.<region>.<suffix>`. */
const EXECUTE_API = /^([a-z0-9]{1,32})\.execute-api\.[a-z0-9.-]{1,100}$/;

/** Loads undici while the first call waits for DynamoDB. */
function lazyUpstream(): Upstream {
  const loaded = import("../undici-upstream.js").then(({ undiciUpstream }) => undiciUpstream());
  return {
    send: async (...request) => (await loaded).send(...request),
    close: async () => (await loaded).close(),
  };
}

/** What weakens the door is said at each start. A lost event is counted; the calls to come are audited or refused on their own. */
async function tellStart({ clock, current: { policy }, metrics }: Door, audit: AuditSink, allowUpstream: readonly Cidr[]): Promise<void> {
  const warnings = allowUpstream.map((cidr) => `upstreams may be in ${formatCidr(cidr)}, public or not`);
  const details = { unverifiableCallers: unverifiableCallers(policy, VERIFIABLE), warnings };
  const event: LifecycleEvent = {
    time: isoTime(clock.now()),
    kind: "lifecycle",
    action: "started",
    policyVersion: policy.version,
    details,
  };
  await audit.append(event).catch(() => metrics.count("sallyport_audit_lost_total", {}));
}
