import { describe, expect, it } from "vitest";
import { emfMetrics } from "../../../lib/adapters/aws/emf-metrics.js";
import { METRICS, type MetricDefinition } from "../../../lib/metrics.js";
import { manualClock } from "../../fakes/memory-ports.js";

const NOW = Date.UTC(2026, 0, 2);
const DOOR = { door: "payments", environment: "prod" };

function recorded() {
  const lines: string[] = [];
  let failure: Error | undefined;
  const write = async (line: string) => {
    if (failure) throw failure;
    lines.push(line);
  };
  const metrics = emfMetrics({ clock: manualClock(NOW), write, dimensions: DOOR });
  return {
    ...metrics,
    fail(error?: Error) {
      failure = error;
    },
    async flushed() {
      lines.length = 0;
      await metrics.flush();
      return lines.map((line) => JSON.parse(line));
    },
  };
}

const lineOf = (labels: object, values: object, units: Record<string, string>) => ({
  _aws: {
    Timestamp: NOW,
    CloudWatchMetrics: [
      {
        Namespace: "Sallyport",
        Dimensions: [[...Object.keys(DOOR), ...Object.keys(labels)]],
        Metrics: Object.entries(units).map(([Name, Unit]) => ({ Name, Unit })),
      },
    ],
  },
  ...DOOR,
  ...labels,
  ...values,
});
const lost = (count: number) => lineOf({}, { sallyport_metrics_lost_total: count }, { sallyport_metrics_lost_total: "Count" });

describe("embedded metrics", () => {
  it("add up, one line for each set of labels", async () => {
    const { count, flushed } = recorded();
    count("sallyport_scrubbed_total", { route: "stripe" }, 2);
    count("sallyport_scrubbed_total", { route: "stripe" });
    count("sallyport_scrubbed_total", { route: "partner" });
    expect(await flushed()).toEqual([
      lineOf({ route: "stripe" }, { sallyport_scrubbed_total: 3 }, { sallyport_scrubbed_total: "Count" }),
      lineOf({ route: "partner" }, { sallyport_scrubbed_total: 1 }, { sallyport_scrubbed_total: "Count" }),
    ]);
  });

  it("stand together in one line where they have the same labels, distributions as lists", async () => {
    const { count, observe, flushed } = recorded();
    observe("sallyport_request_duration_seconds", { route: "stripe" }, 0.25);
    observe("sallyport_request_duration_seconds", { route: "stripe" }, 0.5);
    count("sallyport_scrubbed_total", { route: "stripe" });
    expect(await flushed()).toEqual([
      lineOf(
        { route: "stripe" },
        { sallyport_request_duration_seconds: [0.25, 0.5], sallyport_scrubbed_total: 1 },
        { sallyport_request_duration_seconds: "Seconds", sallyport_scrubbed_total: "Count" },
      ),
    ]);
  });

  it("are written once", async () => {
    const { count, flushed } = recorded();
    count("sallyport_overloads_total", {});
    expect(await flushed()).toHaveLength(1);
    expect(await flushed()).toEqual([]);
  });

  it("name a route that is not known, for CloudWatch refuses an empty dimension", async () => {
    const { count, flushed } = recorded();
    count("sallyport_requests_total", { route: "", decision: "deny", reason: "DENIED" });
    expect((await flushed())[0]).toMatchObject({ route: "unknown", reason: "DENIED" });
  });

  it("take every metric of the table", async () => {
    const { count, observe, flushed } = recorded();
    for (const [name, { type, labels }] of Object.entries<MetricDefinition>(METRICS)) {
      const values = Object.fromEntries(labels.map((label) => [label, label]));
      if (type === "counter") count(name, values);
      else observe(name, values, 1);
    }
    const written = (await flushed()).flatMap((line) => line._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name));
    expect(written.sort()).toEqual(Object.keys(METRICS).sort());
  });

  it.each<[string, (metrics: ReturnType<typeof recorded>) => void]>([
    ["an unknown name", ({ count }) => count("requests", {})],
    ["a name of every object", ({ count }) => count("constructor", {})],
    ["a label too few", ({ count }) => count("sallyport_scrubbed_total", {})],
    ["another label", ({ count }) => count("sallyport_scrubbed_total", { path: "/" })],
    ["an observation of a counter", ({ observe }) => observe("sallyport_overloads_total", {}, 1)],
    ["no number", ({ observe }) => observe("sallyport_request_duration_seconds", { route: "a" }, Number.NaN)],
  ])("count %s as lost, and throw nothing", async (_, record) => {
    const metrics = recorded();
    record(metrics);
    expect(await metrics.flushed()).toEqual([lost(1)]);
  });

  it("hold no more values of one metric than CloudWatch takes", async () => {
    const { observe, flushed } = recorded();
    for (let i = 0; i < 103; i++) observe("sallyport_request_duration_seconds", { route: "a" }, i);
    const [line, ...others] = await flushed();
    expect(line.sallyport_request_duration_seconds).toHaveLength(100);
    expect(others).toEqual([lost(3)]);
  });

  it("tell later how many lines could not be written", async () => {
    const metrics = recorded();
    metrics.fail(new Error("EPIPE"));
    metrics.count("sallyport_overloads_total", {});
    expect(await metrics.flushed()).toEqual([]);
    metrics.fail();
    expect(await metrics.flushed()).toEqual([lost(1)]);
  });
});
