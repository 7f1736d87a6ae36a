import { describe, expect, it } from "vitest";
import { prometheusMetrics } from "../../../lib/adapters/local/prometheus.js";
import { METRICS, type MetricDefinition } from "../../../lib/metrics.js";

const definitions = Object.entries<MetricDefinition>(METRICS);

describe("METRICS", () => {
  it.each(definitions)("names %s by Prometheus' conventions", (name, { type, help, labels, buckets }) => {
    expect(name).toMatch(type === "counter" ? /^sallyport_[a-z_]+_total$/ : /^sallyport_[a-z_]+_(seconds|bytes)$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  });
});

describe("prometheusMetrics", () => {
  it("announces every metric with its type and help", async () => {
    const text = await prometheusMetrics().text();
    for (const [name, { type, help }] of definitions) expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  });

  it("counts by labels, by one or by more", async () => {
    const metrics = prometheusMetrics();
    const labels = { route: "stripe", decision: "allow", reason: "granted" };
    metrics.count("sallyport_requests_total", labels);
    metrics.count("sallyport_requests_total", labels, 2);
    metrics.count("sallyport_requests_total", { ...labels, route: "partner" });
    const text = await metrics.text();
    expect(text).toContain('sallyport_requests_total{route="stripe",decision="allow",reason="granted"} 3\n');
    expect(text).toContain('sallyport_requests_total{route="partner",decision="allow",reason="granted"} 1\n');
  });

  it("observes a duration in its buckets", async () => {
    const metrics = prometheusMetrics();
    metrics.observe("sallyport_request_duration_seconds", { route: "stripe" }, 0.02);
    const text = await metrics.text();
    expect(text).toContain('sallyport_request_duration_seconds_bucket{le="0.01",route="stripe"} 0\n');
    expect(text).toContain('sallyport_request_duration_seconds_bucket{le="0.025",route="stripe"} 1\n');
    expect(text).toContain('sallyport_request_duration_seconds_sum{route="stripe"} 0.02\n');
  });

  // biome-ignore format: a table
  it.each<[string, (metrics: ReturnType<typeof prometheusMetrics>) => void]>([
    ["an unknown metric", (metrics) => metrics.count("no_such_total", {})],
    ["an unknown distribution", (metrics) => metrics.observe("no_such_seconds", {}, 1)],
    ["a counter that is observed", (metrics) => metrics.observe("sallyport_requests_total", {}, 1)],
    ["an unknown label", (metrics) => metrics.count("sallyport_scrubbed_total", { colour: "red" })],
    ["a negative count", (metrics) => metrics.count("sallyport_scrubbed_total", { route: "a" }, -1)],
    ["a count that is no number", (metrics) => metrics.count("sallyport_scrubbed_total", { route: "a" }, "x" as unknown as number)],
    ["an observation that is no number", (metrics) => metrics.observe("sallyport_request_duration_seconds", { route: "a" }, Number.NaN)],
  ])("counts %s as lost and does not throw", async (_, record) => {
    const metrics = prometheusMetrics();
    record(metrics);
    record(metrics);
    const text = await metrics.text();
    expect(text).toContain("sallyport_metrics_lost_total 2\n");
    expect(text).not.toContain("NaN");
  });

  it("keeps two doors in one process apart", async () => {
    const [one, other] = [prometheusMetrics(), prometheusMetrics()];
    one.count("sallyport_replays_refused_total", {});
    expect(await one.text()).toContain("sallyport_replays_refused_total 1\n");
    expect(await other.text()).toContain("sallyport_replays_refused_total 0\n");
  });
});
