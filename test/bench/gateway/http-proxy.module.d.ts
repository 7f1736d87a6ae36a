/** What the benchmark uses of http-proxy, which brings no types. */
declare module "http-proxy" {
  import type { Agent, IncomingMessage, ServerResponse } from "node:http";

  interface ProxyOptions {
    readonly target?: string;
    readonly agent?: Agent;
    readonly headers?: Readonly<Record<string, string>>;
  }
  interface ProxyServer {
    web(request: IncomingMessage, response: ServerResponse, options: ProxyOptions, onError: (error: Error) => void): void;
  }
  export function createProxyServer(options: ProxyOptions): ProxyServer;
}
