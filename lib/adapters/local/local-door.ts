/**
 * A whole door on one machine: the gateway over the stores of one state folder. What `sallyport serve` runs, and what a
 * program runs that wants a door inside itself.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LifecycleEvent } from "../../audit/event.js";
import { SallyportError } from "../../errors.js";
import { type Cidr, CidrSet, formatCidr } from "../../net/cidr.js";
import { isoTime } from "../../pipeline/describe.js";
import { replacePolicy } from "../../pipeline/door.js";
import { cachedSecrets } from "../../pipeline/secret-cache.js";
import { unverifiableCallers } from "../../pipeline/unverifiable-callers.js";
import type { Policy } from "../../policy/compile.js";
import type { Caller } from "../../policy/document.generated.js";
import { loadPolicy } from "../../policy/load.js";
import type { PolicySource } from "../../policy/parse.js";
import { runPolicyTests } from "../../policy/tests.js";
import type { Clock, Random } from "../../ports.js";
import { undiciUpstream } from "../undici-upstream.js";
import { openAuditFile } from "./audit-file.js";
import { auditedCommits } from "./audited-commits.js";
import { cachingResolver } from "./caching-resolver.js";
import { type Gateway, type GatewayOptions, startGateway } from "./gateway.js";
import type { Listener } from "./listener.js";
import { openLmdbCommitStore } from "./lmdb-commit-store.js";
import { startMetricsEndpoint } from "./metrics-endpoint.js";
import { prometheusMetrics } from "./prometheus.js";
import { secretFile } from "./secret-file.js";
import { systemClock, systemRandom, systemResolver } from "./system-ports.js";

export interface LocalDoorOptions extends Pick<GatewayOptions, "listeners" | "tls" | "authorities" | "limits" | "requestTimeoutMs"> {
  /** Reads the policy and its overlays, at the start and at each reload. */
  readonly readPolicy: () => Promise<readonly PolicySource[]>;
  /** Holds `audit.jsonl`, the folder `commits` and, by default, `secrets.json`. Made where it is missing. */
  readonly stateFolder: string;
  /** Default: `secrets.json` in the state folder. */
  readonly secretsPath?: string;
  /** The key that opens the secrets. Default: `defaultKeyPath`. */
  readonly keyPath?: string;
  /** On loopback; default: no metrics endpoint. */
  readonly metricsListener?: Listener;
  /** Addresses by lower-case host name that are used without asking the resolver. */
  readonly resolve?: Readonly<Record<string, readonly string[]>>;
  /** Networks that upstreams may be in though they are not public. */
  readonly allowUpstream?: readonly Cidr[];
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface LocalDoor {
  readonly gateway: Gateway;
  readonly metricsListening: Listener | undefined;
  /** What the policy in force names and this machine lacks. */
  gaps(): Promise<DoorGaps>;
  /** Reads the policy anew. One that does not load leaves the last good one in force. Never rejects. */
  reload(): Promise<Reload>;
  /** Stops accepting, lets calls under way end for `drainMs` (default 10,000), writes what is left of the audit. */
  close(drainMs?: number): Promise<void>;
}

export interface DoorGaps {
  /** They load, but never authenticate here. */
  readonly unverifiableCallers: readonly { readonly name: string; readonly kind: Caller["kind"] }[];
  /** Secrets and certificates without a value. */
  readonly missingSecrets: readonly string[];
}

export type Reload =
  | { readonly result: "loaded"; readonly policyVersion: string }
  | { readonly result: "refused"; readonly policyVersion: string; readonly error: unknown };

const VERIFIABLE: ReadonlySet<Caller["kind"]> = new Set<Caller["kind"]>(["hmac", "bearer-token"]);
const SECRET_FRESH_MS = 1_000;
const SECRET_MAX_STALE_MS = 60_000;

/**
 * @throws {POLICY_INVALID | POLICY_GUARDRAIL | POLICY_UNSUPPORTED | POLICY_TEST_FAILED} when the policy is not fit to run
 * @throws {INPUT_INVALID} when a listener cannot be opened or names no route
 * @throws {STORE_UNUSABLE} when a file of the state is damaged, readable by others, or in use
 */
export async function openLocalDoor(options: LocalDoorOptions): Promise<LocalDoor> {
  const { readPolicy, stateFolder, secretsPath = join(stateFolder, "secrets.json"), keyPath, metricsListener, resolve, ...rest } = options;
  const { clock = systemClock, random = systemRandom, allowUpstream = [], ...gatewayOptions } = rest;
  const load = async (): Promise<Policy> => loadTested(await readPolicy(), clock);

  const policy = await load();
  checkRoutes(options.listeners, policy);
  const secrets = secretFile({ path: secretsPath, clock, random, ...(keyPath !== undefined && { keyPath }) });
  const gapsOf = async (policy: Policy): Promise<DoorGaps> => ({
    unverifiableCallers: unverifiableCallers(policy, VERIFIABLE),
    missingSecrets: await missing(Object.keys({ ...policy.document.secrets, ...policy.document.certificates }), secrets.get),
  });
  await gapsOf(policy); // A store that cannot be read fails before anything listens.

  const metrics = prometheusMetrics();
  const opened: (() => Promise<unknown>)[] = [];
  const closeOpened = async (): Promise<void> => {
    for (const close of opened.reverse()) await close();
  };

  try {
    const commits = openLmdbCommitStore({ path: join(stateFolder, "commits") });
    opened.push(() => commits.close());
    const audit = await openAuditFile({ path: join(stateFolder, "audit.jsonl"), clock });
    opened.push(() => audit.close());
    const endpoint = metricsListener && (await startMetricsEndpoint(metricsListener, metrics));
    if (endpoint !== undefined) opened.push(() => endpoint.close());
    const gateway = await startGateway({
      ...gatewayOptions,
      allowUpstream: new CidrSet(allowUpstream),
      policy,
      clock,
      random,
      secrets: cachedSecrets(secrets, { clock, freshMs: SECRET_FRESH_MS, maxStaleMs: SECRET_MAX_STALE_MS }),
      commits: auditedCommits(commits, audit),
      audit,
      metrics,
      resolver: cachingResolver(systemResolver(resolve), { clock }),
      upstream: undiciUpstream(),
    });
    const { door, listening } = gateway;

    const inForce = (): Policy => door.current.policy;
    /** The door has changed already: an event that is lost is counted, and takes nothing back. */
    const tell = async (action: LifecycleEvent["action"], details: Readonly<Record<string, unknown>>): Promise<void> => {
      const event: LifecycleEvent = { time: isoTime(clock.now()), kind: "lifecycle", action, policyVersion: inForce().version, details };
      await audit.append(event).catch(() => metrics.count("sallyport_audit_lost_total", {}));
    };
    await tell("started", { listening, allowUpstream: allowUpstream.map(formatCidr), resolve: resolve ?? {} });

    const reload = async (): Promise<Reload> => {
      const reloaded = await load().then(
        (next): Reload => {
          replacePolicy(door, next);
          return { result: "loaded", policyVersion: next.version };
        },
        (error: unknown): Reload => ({ result: "refused", policyVersion: inForce().version, error }),
      );
      const { result } = reloaded;
      metrics.count("sallyport_policy_reloads_total", { result });
      await tell("reload", result === "loaded" ? { result } : { result, reason: codeOf(reloaded.error) });
      return reloaded;
    };
    let lastReload: Promise<unknown> = Promise.resolve();
    let closing: Promise<void> | undefined;

    return {
      gateway,
      metricsListening: endpoint?.listening,
      gaps: () => gapsOf(inForce()),
      reload() {
        const next = lastReload.then(reload);
        lastReload = next;
        return next;
      },
      close(drainMs) {
        closing ??= (async () => {
          await gateway.close(drainMs);
          await callsOver(door.load);
          await tell("stopped", {});
          await closeOpened();
        })();
        return closing;
      },
    };
  } catch (fault) {
    await closeOpened();
    throw fault;
  }
}

/** A policy whose own tests fail is not the policy that its author meant. */
function loadTested(sources: readonly PolicySource[], clock: Clock): Policy {
  const policy = loadPolicy(sources, { today: isoTime(clock.now()).slice(0, 10) });
  const failed = runPolicyTests(policy).filter(({ passed }) => !passed);
  if (failed.length === 0) return policy;
  const told = failed.map(({ name, expected, decision }) => `${name}: expected ${expected}, found ${decision.effect} (${decision.reason})`);
  throw new SallyportError(
    "POLICY_TEST_FAILED",
    { tests: failed.map(({ name }) => name) },
    { message: `a test of the policy fails: ${told.join("; ")}` },
  );
}

function checkRoutes(listeners: readonly Listener[], { routes }: Policy): void {
  const unknown = listeners.find(({ route }) => route !== undefined && !routes.has(route))?.route;
  if (unknown === undefined) return;
  const message = `a listener is for the route \`${unknown}\`, which the policy does not have; it has ${[...routes.keys()].join(", ")}`;
  throw new SallyportError("INPUT_INVALID", { route: unknown }, { message });
}

async function missing(names: readonly string[], get: (name: string) => Promise<unknown>): Promise<string[]> {
  const without: string[] = [];
  for (const name of names) if ((await get(name)) === undefined) without.push(name);
  return without;
}

const codeOf = (error: unknown): string => (error instanceof SallyportError ? error.code : "INTERNAL");

/** Calls whose connection was cut still end, within this time, and their outcomes belong in the audit. */
const LAST_CALLS_MS = 2_000;
const POLL_MS = 10;

async function callsOver(load: { readonly calls: number }): Promise<void> {
  for (let polls = LAST_CALLS_MS / POLL_MS; polls > 0 && load.calls > 0; polls--) await pause(POLL_MS);
}
