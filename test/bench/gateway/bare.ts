/** The least that a proxy over node:http and undici does: pass it on, add a header, pass it back. */
import { createServer } from "node:http";
import { pipeline } from "node:stream";
import { Pool } from "undici";
import { listenAndAnnounce } from "./announce.js";
import { UPSTREAM_TOKEN } from "./scenario.js";

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`);

const server = createServer((request, response) => {
  const { connection: _, ...headers } = request.headers;
  const sent = pool.request({
    method: request.method as "POST",
    path: request.url!,
    headers: { ...headers, authorization: `Bearer ${UPSTREAM_TOKEN}` },
    body: request,
  });
  sent.then(
    (upstream) => {
      response.writeHead(upstream.statusCode, upstream.headers);
      pipeline(upstream.body, response, () => {});
    },
    () => response.writeHead(502).end(),
  );
});
listenAndAnnounce(server);
