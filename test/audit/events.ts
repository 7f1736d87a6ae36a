/** Events as the pipeline writes them, for tests of the chain and of the audit file. */
import { CHAIN_START, chainEvent } from "../../lib/audit/chain.js";
import type { AuditEvent, LifecycleEvent, RequestEvent } from "../../lib/audit/event.js";

const policyVersion = "ab".repeat(32);

export const outcome: RequestEvent = {
  time: "2026-01-02T03:04:05.678Z",
  kind: "outcome",
  requestId: "01JGQ3",
  caller: "payments",
  proof: "hmac",
  source: "10.1.2.3",
  country: "DE",
  route: "stripe",
  method: "POST",
  path: "/v1/charges",
  query: "expand=[redacted]",
  decision: "allow",
  rule: "stripe-charge",
  reason: "granted",
  policyVersion,
  credentials: [{ name: "stripe-key", version: "v3" }],
  upstream: { host: "api.stripe.com", port: 443, address: "192.0.2.7" },
  status: 200,
  requestBytes: 120,
  responseBytes: 4096,
  durationMs: 12.5,
  scrubbed: 0,
};

export const denial: RequestEvent = {
  time: "2026-01-02T03:04:06.000Z",
  kind: "denial",
  requestId: "01JGQ4",
  decision: "deny",
  reason: "ROUTE_UNKNOWN",
  source: "2001:db8::1",
  country: "unknown",
  details: { route: "no-such" },
};

export const started: LifecycleEvent = { time: "2026-01-02T03:04:00.000Z", kind: "lifecycle", action: "started", policyVersion };

export const sampleEvents: readonly AuditEvent[] = [started, { ...outcome, kind: "intent" }, outcome, denial];

/** The lines of a chain, from its start. */
export const chainLines = (events: readonly AuditEvent[]): string[] => {
  let state = CHAIN_START;
  return events.map((event) => {
    const chained = chainEvent(state, event);
    state = chained.state;
    return chained.line;
  });
};
