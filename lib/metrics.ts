/**
 * Every metric of the door as data: one table that each adapter (Prometheus here, CloudWatch there) reads, so that a
 * dashboard finds the same names everywhere. Labels come from the policy or from closed lists, never from a request.
 */

export interface MetricDefinition {
  readonly type: "counter" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the unit of its name. */
  readonly buckets?: readonly number[];
}

const counter = (help: string, ...labels: string[]): MetricDefinition => ({ type: "counter", help, labels });

// biome-ignore format: one row a metric
export const METRICS = {
  sallyport_requests_total: counter("Requests by route, decision and reason.", "route", "decision", "reason"),
  sallyport_upstream_responses_total: counter("Responses of upstreams by route and HTTP status.", "route", "status"),
  sallyport_request_duration_seconds: {
    type: "histogram", help: "Time from a request's first byte to its last answered byte.", labels: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  sallyport_credential_uses_total: counter("Calls that carried or were signed with a secret.", "route", "secret"),
  sallyport_scrubbed_total: counter("Secrets masked in responses.", "route"),
  sallyport_replays_refused_total: counter("Requests refused because they were used before."),
  sallyport_overloads_total: counter("Requests refused because the door was at a limit."),
  sallyport_policy_reloads_total: counter("Policy reloads by result: loaded or refused.", "result"),
  sallyport_audit_lost_total: counter("Audit outcomes that could not be written."),
  sallyport_metrics_lost_total: counter("Samples that could not be recorded."),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
