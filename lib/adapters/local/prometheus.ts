/**
 * Metrics as Prometheus text, from the table `METRICS`. Nothing here can fail a call: a sample that cannot be recorded
 * (unknown name, unknown label, not a number) is counted as lost, and the loss is itself a metric.
 */
import { Counter, Histogram, Registry } from "prom-client";
import { METRICS, type MetricDefinition, type MetricName } from "../../metrics.js";
import type { MetricSink } from "../../ports.js";

export interface PrometheusMetrics extends MetricSink {
  /** The text exposition format, for `GET /metrics`. */
  text(): Promise<string>;
}

const LOST: MetricName = "sallyport_metrics_lost_total";

/** A registry of its own: two doors in one process do not mix. */
export const prometheusMetrics = (): PrometheusMetrics => {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { type, help, labels, buckets }] of Object.entries<MetricDefinition>(METRICS)) {
    const options = { name, help, labelNames: labels, registers: [registry] };
    if (type === "counter") counters.set(name, new Counter(options));
    else histograms.set(name, new Histogram(buckets ? { ...options, buckets: [...buckets] } : options));
  }

  const orLost = (record: () => void): void => {
    try {
      record();
    } catch {
      counters.get(LOST)!.inc();
    }
  };
  return {
    count: (name, labels, by = 1) => orLost(() => counters.get(name)!.inc(labels, by)),
    observe: (name, labels, value) => orLost(() => histograms.get(name)!.observe(labels as Record<string, string>, value)),
    text: () => registry.metrics(),
  };
};
