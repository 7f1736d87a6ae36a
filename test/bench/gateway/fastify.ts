/** @fastify/http-proxy with its defaults, which are undici and streams. */
import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";
import { announce } from "./announce.js";
import { UPSTREAM_TOKEN } from "./scenario.js";

async function main(): Promise<void> {
  const server = fastify();
  await server.register(httpProxy, {
    upstream: `http://127.0.0.1:${process.argv[2]}`,
    replyOptions: { rewriteRequestHeaders: (_, headers) => ({ ...headers, authorization: `Bearer ${UPSTREAM_TOKEN}` }) },
  });
  announce(Number(new URL(await server.listen({ host: "127.0.0.1", port: 0 })).port));
}

void main();
