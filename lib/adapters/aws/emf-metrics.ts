/**
 * Metrics as CloudWatch's embedded metric format: lines of the log, from the table `METRICS`, one for each set of labels
 * that a call used. Nothing here can fail a call: a sample that cannot be recorded is counted as lost.
 * (CloudWatch user guide: embedded metric format)
 */
import { METRICS, type MetricDefinition, type MetricName } from "../../metrics.js";
import type { Clock, MetricLabels, MetricSink } from "../../ports.js";
import type { WriteLine } from "./log-line.js";

export interface EmfMetricsOptions {
  readonly clock: Clock;
  readonly write: WriteLine;
  /** Stand in every line beside a metric's own labels, and tell doors apart. */
  readonly dimensions: MetricLabels;
}

export interface EmfMetrics extends MetricSink {
  /** Writes what was recorded since the last flush. Never rejects. */
  flush(): Promise<void>;
}

const NAMESPACE = "Sallyport";
const LOST: MetricName = "sallyport_metrics_lost_total";
/** More values of one metric are refused by CloudWatch. */
const MAX_VALUES = 100;
/** A dimension must not be empty. */
const UNKNOWN = "unknown";

interface Samples {
  readonly labels: MetricLabels;
  readonly values: Map<string, number | number[]>;
}

export function emfMetrics({ clock, write, dimensions }: EmfMetricsOptions): EmfMetrics {
  const definitions = new Map<string, MetricDefinition>(Object.entries(METRICS));
  let pending = new Map<string, Samples>();

  const samplesFor = (name: string, labels: MetricLabels, type: MetricDefinition["type"]): Map<string, number | number[]> | undefined => {
    const definition = definitions.get(name);
    const names = Object.keys(labels);
    if (definition?.type !== type || names.length !== definition.labels.length) return undefined;
    if (!names.every((label) => definition.labels.includes(label))) return undefined;
    const key = JSON.stringify(labels);
    const known = pending.get(key) ?? { labels, values: new Map() };
    pending.set(key, known);
    return known.values;
  };

  const count: MetricSink["count"] = (name, labels, by = 1) => {
    const values = Number.isFinite(by) ? samplesFor(name, labels, "counter") : undefined;
    if (values === undefined) count(LOST, {});
    else values.set(name, ((values.get(name) as number | undefined) ?? 0) + by);
  };

  const observe: MetricSink["observe"] = (name, labels, value) => {
    const values = Number.isFinite(value) ? samplesFor(name, labels, "histogram") : undefined;
    const observed = (values?.get(name) as number[] | undefined) ?? [];
    if (values === undefined || observed.length >= MAX_VALUES) count(LOST, {});
    else values.set(name, [...observed, value]);
  };

  return {
    count,
    observe,
    async flush() {
      const flushed = [...pending.values()];
      pending = new Map();
      const lines = flushed.map((samples) => write(JSON.stringify(lineOf(samples, dimensions, clock.now()))));
      for (const { status } of await Promise.allSettled(lines)) if (status === "rejected") count(LOST, {});
    },
  };
}

function lineOf({ labels, values }: Samples, dimensions: MetricLabels, now: number): object {
  const members = Object.entries({ ...dimensions, ...labels }).map(([name, value]) => [name, value === "" ? UNKNOWN : value]);
  const metrics = [...values.keys()].map((name) => ({ Name: name, Unit: name.endsWith("_seconds") ? "Seconds" : "Count" }));
  const directive = { Namespace: NAMESPACE, Dimensions: [members.map(([name]) => name)], Metrics: metrics };
  return { _aws: { Timestamp: now, CloudWatchMetrics: [directive] }, ...Object.fromEntries(members), ...Object.fromEntries(values) };
}
