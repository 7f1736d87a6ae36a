import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startMetricsEndpoint } from "../../../lib/adapters/local/metrics-endpoint.js";
import { prometheusMetrics } from "../../../lib/adapters/local/prometheus.js";

async function endpoint() {
  const metrics = prometheusMetrics();
  const started = await startMetricsEndpoint({ host: "127.0.0.1", port: 0 }, metrics);
  onTestFinished(() => started.close());
  const { port } = started.listening;
  const ask = (path: string, { method = "GET", host = `127.0.0.1:${port}` } = {}) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      request({ port, path, method, headers: { host } }, async (response) => {
        resolve({ status: response.statusCode, body: await text(response) });
      })
        .on("error", reject)
        .end();
    });
  return { metrics, port, ask };
}

test("serves what was counted", async () => {
  const { metrics, port, ask } = await endpoint();
  metrics.count("sallyport_policy_reloads_total", { result: "loaded" });
  const { status, body } = await ask("/metrics");
  expect(status).toBe(200);
  expect(body).toContain('sallyport_policy_reloads_total{result="loaded"} 1\n');
  expect((await ask("/metrics", { host: `localhost:${port}` })).status).toBe(200);
});

test.each([
  ["another path", "/", {}],
  ["another method", "/metrics", { method: "POST" }],
  ["a name that a web page rebound", "/metrics", { host: "evil.example" }],
  ["its own name under another port", "/metrics", { host: "127.0.0.1:1" }],
] as const)("answers %s with 404 and no metric", async (_, path, options) => {
  const { ask } = await endpoint();
  expect(await ask(path, options)).toEqual({ status: 404, body: "only GET /metrics\n" });
});

test("refuses to listen off loopback", async () => {
  await expect(startMetricsEndpoint({ host: "0.0.0.0", port: 0 }, prometheusMetrics())).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining("on loopback only, not on 0.0.0.0"),
  });
});
