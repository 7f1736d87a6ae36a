/**
 * The ports of `lib/ports.ts` in memory, for tests of the pipeline and for the tour: a clock that moves when told,
 * randomness that repeats, and stores that fail when told. What was asked of each is recorded.
 */
import { createHash } from "node:crypto";
import { type ErrorCode, SallyportError } from "../../lib/errors.js";
import type { AuditSink, Clock, MetricLabels, MetricSink, Random, Resolver, SecretStore } from "../../lib/ports.js";
import { SecretValue } from "../../lib/secret-value.js";

export interface ManualClock extends Clock {
  /** Time passes: both clocks move. */
  advance(milliseconds: number): void;
  /** The wall clock is set anew, forward or back; the monotonic clock stays. */
  jump(milliseconds: number): void;
}

/** A clock that stands still until it is told to move. The monotonic clock starts at 0. */
export function manualClock(startMs: number): ManualClock {
  let wallMs = startMs;
  let monotonicMs = 0;
  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    advance(milliseconds) {
      wallMs += milliseconds;
      monotonicMs += milliseconds;
    },
    jump(milliseconds) {
      wallMs += milliseconds;
    },
  };
}

/** The same seed gives the same bytes in the same order of calls. For tests only. */
export function seededRandom(seed: string): Random {
  let calls = 0;
  return { bytes: (length) => createHash("shake256", { outputLength: length }).update(`${calls++}:${seed}`).digest() };
}

export interface Outage {
  /** From now on every call throws. Default error: the port's own code. */
  fail(error?: Error): void;
  recover(): void;
}

function outage(code: ErrorCode): Outage & { check(): void } {
  let failure: Error | undefined;
  return {
    fail(error = new SallyportError(code)) {
      failure = error;
    },
    recover() {
      failure = undefined;
    },
    check() {
      if (failure) throw failure;
    },
  };
}

export interface MemorySecretStore extends SecretStore, Outage {
  /** Stores a new version and returns its name: `v1`, `v2`, … counted for each secret, also across removals. */
  put(name: string, value: string | Uint8Array): string;
  remove(name: string): void;
  /** Names asked for, in order, also those that failed. */
  readonly reads: readonly string[];
}

/** Fails with SECRET_UNAVAILABLE. */
export function memorySecretStore(values: Readonly<Record<string, string | Uint8Array>> = {}): MemorySecretStore {
  const current = new Map<string, { value: SecretValue; version: string }>();
  const versions = new Map<string, number>();
  const reads: string[] = [];
  const { check, ...failures } = outage("SECRET_UNAVAILABLE");
  const store: MemorySecretStore = {
    ...failures,
    reads,
    put(name, value) {
      const count = (versions.get(name) ?? 0) + 1;
      const version = `v${count}`;
      versions.set(name, count);
      current.set(name, { value: new SecretValue(value), version });
      return version;
    },
    remove(name) {
      current.delete(name);
    },
    async get(name) {
      reads.push(name);
      check();
      return current.get(name);
    },
  };
  for (const [name, value] of Object.entries(values)) store.put(name, value);
  return store;
}

export interface RecordingAuditSink extends AuditSink, Outage {
  /** Events as a reader of the written JSON would see them. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Fails with AUDIT_UNAVAILABLE; an event that failed is not recorded. */
export function recordingAuditSink(): RecordingAuditSink {
  const events: Readonly<Record<string, unknown>>[] = [];
  const { check, ...failures } = outage("AUDIT_UNAVAILABLE");
  return {
    ...failures,
    events,
    async append(event) {
      check();
      events.push(JSON.parse(JSON.stringify(event)));
    },
  };
}

export interface MetricSample {
  readonly kind: "count" | "observe";
  readonly name: string;
  readonly labels: MetricLabels;
  readonly value: number;
}

export interface RecordingMetricSink extends MetricSink {
  readonly samples: readonly MetricSample[];
  /** The sum of all values of a metric whose labels include the given ones. */
  total(name: string, labels?: MetricLabels): number;
}

export function recordingMetricSink(): RecordingMetricSink {
  const samples: MetricSample[] = [];
  return {
    samples,
    count(name, labels, by = 1) {
      samples.push({ kind: "count", name, labels, value: by });
    },
    observe(name, labels, value) {
      samples.push({ kind: "observe", name, labels, value });
    },
    total(name, labels = {}) {
      const wanted = Object.entries(labels);
      return samples
        .filter((sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0);
    },
  };
}

export interface TableResolver extends Resolver {
  /** Changes the answer for a host from now on, as DNS rebinding does. */
  set(host: string, addresses: readonly string[]): void;
  /** Hosts asked for, in order. */
  readonly lookups: readonly string[];
}

/** Answers from a table; a host that is not in it fails as a name that does not exist. */
export function tableResolver(table: Readonly<Record<string, readonly string[]>>): TableResolver {
  const addressesOf = new Map(Object.entries(table));
  const lookups: string[] = [];
  return {
    lookups,
    set(host, addresses) {
      addressesOf.set(host, addresses);
    },
    async resolve(host) {
      lookups.push(host);
      const addresses = addressesOf.get(host);
      if (addresses === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
      return addresses;
    },
  };
}
