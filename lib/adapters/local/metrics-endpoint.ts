/**
 * `GET /metrics` for a scraper on this machine. On loopback and under its own names only: names of routes and secrets
 * are nobody else's business, and no web page may read them by rebinding a name (THREATS 29).
 */
import { createServer } from "node:http";
import { SallyportError } from "../../errors.js";
import { listen } from "./listen.js";
import { authoritiesOf, isLoopback, type Listener } from "./listener.js";
import type { PrometheusMetrics } from "./prometheus.js";

export interface MetricsEndpoint {
  /** With the port that it really has. */
  readonly listening: Listener;
  close(): Promise<void>;
}

/** @throws {INPUT_INVALID} when the address is not on loopback or cannot be listened on */
export async function startMetricsEndpoint(listener: Listener, metrics: PrometheusMetrics): Promise<MetricsEndpoint> {
  if (!isLoopback(listener.host)) {
    throw new SallyportError(
      "INPUT_INVALID",
      { metrics: listener.host },
      { message: `metrics are served on loopback only, not on ${listener.host}` },
    );
  }
  const own = new Set<string>();
  const server = createServer(async ({ method, url, headers }, response) => {
    const known = own.has(headers.host?.toLowerCase() ?? "") && method === "GET" && url === "/metrics";
    response.writeHead(known ? 200 : 404, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(known ? await metrics.text() : "only GET /metrics\n");
  });
  const listening = { ...listener, port: await listen(server, listener) };
  for (const authority of authoritiesOf(listening, false)) own.add(authority);
  return {
    listening,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
