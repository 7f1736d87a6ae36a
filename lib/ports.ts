/**
 * What the pure core asks of the world. Each port has a memory form in tests and one adapter a platform; nothing in
 * `lib/` outside `adapters/` and `cli/` reads a clock, draws randomness or does I/O in any other way.
 */
import type { SecretValue } from "./secret-value.js";

export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. Freshness and expiry use it. */
  now(): number;
  /** Monotonic milliseconds. Deadlines and durations use it, so that a clock jump changes none. */
  monotonic(): number;
}

export interface Random {
  /** `length` bytes from a cryptographically secure source. */
  bytes(length: number): Uint8Array;
}

export interface ResolvedSecret {
  readonly value: SecretValue;
  /** The store's name for this version; it stands in the audit, the value never does. */
  readonly version: string;
}

export interface SecretStore {
  /**
   * @param name the policy's name of the secret or certificate
   * @returns undefined when the name has no value
   * @throws {SECRET_UNAVAILABLE} when the store does not answer
   */
  get(name: string): Promise<ResolvedSecret | undefined>;
}

/** One claim and its audit intent, written together before any credential is touched. */
export interface Commit {
  /** Profile, key id and hash of the canonical base; for proofs that are not single use, the request id. */
  readonly claim: string;
  /** Milliseconds since the epoch: timestamp + window, not arrival + window. */
  readonly expiresAt: number;
  /** Key id or caller, for the per-key quota. */
  readonly owner: string;
  readonly intent: Readonly<Record<string, unknown>>;
}

export type CommitResult = "committed" | "replayed" | "full";

export interface CommitStore {
  /**
   * Resolves once the write is durable. Exactly one of any number of concurrent commits of one claim gets `committed`.
   * An entry lives until its `expiresAt` has passed and is never evicted early.
   * @throws {COMMIT_UNAVAILABLE}
   */
  commit(commit: Commit, now: number): Promise<CommitResult>;
  /** Takes a claim back. Only before connecting to the upstream began. */
  release(claim: string): Promise<void>;
}

export interface Revocations {
  /**
   * @param names `callers/payments`, `secrets/stripe-key`, `certificates/partner-client`
   * @returns those that are revoked
   * @throws {REVOCATIONS_UNKNOWN} when what is known is too old
   */
  revoked(names: readonly string[]): Promise<readonly string[]>;
}

export interface AuditSink {
  /**
   * Appends one event; resolves when it is written.
   * @throws {AUDIT_UNAVAILABLE}
   */
  append(event: Readonly<Record<string, unknown>>): Promise<void>;
}

export type MetricLabels = Readonly<Record<string, string>>;

/** Never throws: a lost metric is counted by the adapter, the call goes on. */
export interface MetricSink {
  count(name: string, labels: MetricLabels, by?: number): void;
  /** A distribution, in seconds or bytes as the name says. */
  observe(name: string, labels: MetricLabels, value: number): void;
}

export interface Resolver {
  /**
   * All addresses of a host name, as text.
   * @throws any error; the connect stage answers DNS_FAILED
   */
  resolve(host: string): Promise<readonly string[]>;
}
