/** Bodies pass piece by piece, at the pace of the slower side; what breaks off never looks complete. */

import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { API_KEY, TOKEN } from "../../fakes/door.js";
import { call, open, testGateway } from "../../fakes/gateway.js";
import type { Behaviour } from "../../fakes/upstream-behaviours.js";

const start = (options: Parameters<typeof testGateway>[0] = {}) => testGateway(options, onTestFinished);

/** An upstream whose answer is written by the test. */
async function startScripted() {
  let take: (response: Parameters<Behaviour>[0]["response"]) => void;
  const taken = new Promise<Parameters<Behaviour>[0]["response"]>((resolve) => {
    take = resolve;
  });
  const gateway = await start({
    upstreamOptions: {
      respond:
        () =>
        ({ response }) =>
          take(response),
    },
  });
  return { ...gateway, taken };
}

describe("a response", () => {
  it("goes on event by event, each before the next is written", async () => {
    const { port, taken } = await startScripted();
    const opened = open({ port }, "/api/v1/events");
    const response = await taken;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const message = await opened;
    expect(message.headers["content-type"]).toBe("text/event-stream");
    for (const event of ["data: one\n\n", `data: ${API_KEY}\n\n`, "data: three\n\n"]) {
      response.write(event);
      const [chunk] = await once(message, "data");
      expect(String(chunk)).toBe(event.replace(API_KEY, "*".repeat(API_KEY.length)));
    }
    response.end();
    await once(message, "end");
  });

  it("of 8 MiB comes back whole", async () => {
    const { port } = await start();
    const { body, headers } = await call({ port }, "/api/v1/large");
    expect([body.length, headers["content-length"], body.slice(0, 12)]).toEqual([8 * 1024 * 1024, "8388608", "large large "]);
  });

  it("is fetched no faster than the client reads", async () => {
    const { port, taken } = await startScripted();
    const opened = open({ port }, "/api/v1/flood");
    const response = await taken;
    const written = { bytes: 0 };
    const chunk = Buffer.alloc(256 * 1024, "x");
    const total = 64 * 1024 * 1024;
    const source = Readable.from(
      (function* () {
        for (; written.bytes < total; written.bytes += chunk.length) yield chunk;
      })(),
      { objectMode: false },
    );
    source.pipe(response.writeHead(200, {}));
    const message = await opened;
    const seen: number[] = [];
    const stands = () => written.bytes === seen[seen.push(written.bytes) - 2];
    await expect.poll(stands, { interval: 300, timeout: 20_000 }).toBe(true);
    expect(written.bytes).toBeLessThan(total / 2);
    expect((await buffer(message)).length).toBe(total);
  });

  it.each(["reset", "truncate"])("that the upstream breaks off is broken off: %s", async (behaviour) => {
    const { port, audit, gateway } = await start();
    await expect(call({ port }, `/api/v1/${behaviour}`)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => audit.events).toMatchObject([{ kind: "outcome", decision: "allow", reason: "UPSTREAM_RESET", status: 200 }]);
    expect(gateway.door.load.calls).toBe(0);
  });

  it("is given up when the client leaves", async () => {
    const { port, taken, gateway, audit } = await startScripted();
    const opened = open({ port }, "/api/v1/endless");
    const response = await taken;
    response.writeHead(200, {}).write("the first part");
    const message = await opened;
    message.destroy();
    await once(response, "close");
    await expect.poll(() => gateway.door.load.calls).toBe(0);
    expect(audit.events).toMatchObject([{ kind: "outcome", responseBytes: 14 }]);
  });

  it("is given up when the client left before it began", async () => {
    const { port, taken, gateway } = await startScripted();
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET /api/v1/late HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    const response = await taken;
    socket.resetAndDestroy();
    await once(socket, "close");
    await call({ port }, "/nowhere"); // By now the gateway has seen the other client leave.
    response.writeHead(200, {}).write("nobody is there");
    await once(response, "close");
    await expect.poll(() => gateway.door.load.calls).toBe(0);
  });
});

describe("a request", () => {
  it("goes on piece by piece, each before the next is sent", async () => {
    const { port, upstream } = await start();
    const body = new PassThrough();
    const opened = call({ port }, "/api/v1/upload", { method: "POST", body });
    body.write("one ");
    await expect.poll(() => upstream.requests.length).toBe(1);
    expect(upstream.requests[0]?.complete).toBe(false);
    body.end("two");
    expect(await opened).toMatchObject({ status: 200 });
    expect(upstream.requests[0]?.body.toString()).toBe("one two");
  });

  it("of 32 MiB arrives whole, with the length that the client told", async () => {
    const { port, upstream } = await start({ route: { limits: { maxBodyBytes: 64 * 1024 * 1024 } } });
    const body = Buffer.alloc(32 * 1024 * 1024, "upload ");
    const headers = { authorization: `Bearer ${TOKEN}`, "content-length": String(body.length) };
    expect(await call({ port }, "/api/v1/upload", { method: "POST", body, headers })).toMatchObject({ status: 200 });
    expect(upstream.requests[0]?.body.equals(body)).toBe(true);
    expect(upstream.requests[0]?.rawHeaders).not.toContain("transfer-encoding");
  });

  it("past the route's limit ends in 413 and reaches the upstream broken off", async () => {
    const { port, upstream } = await start({ route: { limits: { maxBodyBytes: 100_000 } } });
    const body = Readable.from(Array(20).fill(Buffer.alloc(10_000)), { objectMode: false });
    expect(await call({ port }, "/api/v1/upload", { method: "POST", body })).toMatchObject({ status: 413 });
    expect(upstream.requests.map(({ complete }) => complete)).not.toContain(true);
  });

  it("that the client breaks off reaches the upstream broken off", async () => {
    const { port, upstream, audit, gateway } = await start();
    const socket = connect(port, "127.0.0.1");
    const head = `POST /api/v1/upload HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 100\r\n\r\n`;
    socket.write(`${head}a part`);
    await expect.poll(() => upstream.requests.length).toBe(1);
    socket.destroy();
    await expect
      .poll(() => audit.events.at(-1))
      .toMatchObject({ kind: "outcome", reason: "REQUEST_MALFORMED", details: { what: "the body broke off" } });
    expect(upstream.requests[0]?.complete).toBe(false);
    await expect.poll(() => gateway.door.load.calls).toBe(0);
  });
});
