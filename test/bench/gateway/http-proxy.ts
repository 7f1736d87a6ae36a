/** http-proxy as it is used in earnest: with connections kept alive. */
import { Agent, createServer } from "node:http";
import { createProxyServer } from "http-proxy";
import { listenAndAnnounce } from "./announce.js";
import { UPSTREAM_TOKEN } from "./scenario.js";

const proxy = createProxyServer({
  target: `http://127.0.0.1:${process.argv[2]}`,
  agent: new Agent({ keepAlive: true }),
  headers: { authorization: `Bearer ${UPSTREAM_TOKEN}` },
});
const server = createServer((request, response) => proxy.web(request, response, {}, () => response.writeHead(502).end()));
listenAndAnnounce(server);
