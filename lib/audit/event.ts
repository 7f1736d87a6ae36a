/**
 * What the audit records: one event when a call is let through (`intent`, before any credential is touched), one when
 * it is over (`outcome`), one when it is refused (`denial`), and one whenever the door itself changes (`lifecycle`).
 * `schemas/audit-event.schema.json` describes the lines of a file, which add `seq`, `prev` and `hash`.
 */
import type { ErrorCode } from "../errors.js";
import type { ChainState } from "./chain.js";

// Type aliases, not interfaces: only those fit the open record that the AuditSink port takes.
type EventBase = {
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  /** SHA-256 of the canonical policy document, hex. */
  readonly policyVersion?: string;
  /** More facts for the operator. Never a secret value. */
  readonly details?: Readonly<Record<string, unknown>>;
};

/** About one call. What is not known when the event is written is left out. */
export type RequestEvent = EventBase & {
  readonly kind: "intent" | "outcome" | "denial";
  readonly requestId: string;
  readonly decision: "allow" | "deny";
  readonly reason: ErrorCode | "granted";
  /** Name of the grant that decided. */
  readonly rule?: string;
  readonly caller?: string;
  /** The kind of proof, as the policy names it. */
  readonly proof?: string;
  /** The platform's own source address. */
  readonly source?: string;
  /** ISO 3166-1 alpha-2, or `unknown`. */
  readonly country?: string;
  readonly route?: string;
  readonly method?: string;
  readonly path?: string;
  /** As `redactQuery` writes it: the names, every value `[redacted]`. */
  readonly query?: string;
  readonly credentials?: readonly { readonly name: string; readonly version: string }[];
  readonly upstream?: { readonly host: string; readonly port: number; readonly address?: string };
  /** The HTTP status that the caller got. */
  readonly status?: number;
  readonly requestBytes?: number;
  readonly responseBytes?: number;
  readonly durationMs?: number;
  /** How often an injected secret was masked in the response. */
  readonly scrubbed?: number;
};

/** About the door. */
export type LifecycleEvent = EventBase & {
  readonly kind: "lifecycle";
  readonly action: "started" | "stopped" | "reload" | "recovered";
};

export type AuditEvent = RequestEvent | LifecycleEvent;

/** An event as a line of a chain holds it. */
export type ChainedAuditEvent = AuditEvent & ChainState & { readonly prev: string };
