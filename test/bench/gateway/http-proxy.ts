/** http-proxy as its documentation starts it, or with an agent that keeps connections to the upstream alive. */
import { Agent, createServer } from "node:http";
import { createProxyServer } from "http-proxy";
import { listenAndAnnounce } from "./announce.js";
import { UPSTREAM_TOKEN } from "./scenario.js";

const proxy = createProxyServer({
  target: `http://127.0.0.1:${process.argv[2]}`,
  ...(process.argv[3] === "keep-alive" && { agent: new Agent({ keepAlive: true }) }),
  headers: { authorization: `Bearer ${UPSTREAM_TOKEN}` },
});
const server = createServer((request, response) => proxy.web(request, response, {}, () => response.writeHead(502).end()));
listenAndAnnounce(server);
