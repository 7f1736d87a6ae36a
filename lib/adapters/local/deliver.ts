/** Writes an answer to a client, at the client's pace, and tells the pipeline how it ended. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { Delivery, RecordedAnswer } from "../../pipeline/stages/record.js";

/** What is left of a refused request's body is read and dropped up to this size; past it the connection is closed. */
const MAX_DRAINED_BYTES = 1024 * 1024;

export async function deliver(answer: RecordedAnswer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const delivery = await write(answer, request, response).catch((): Delivery => {
    if (!(answer.body instanceof Uint8Array)) answer.body.destroy();
    response.destroy();
    return { bytes: 0, complete: false };
  });
  await answer.settle(delivery);
}

async function write({ status, headers, body }: RecordedAnswer, request: IncomingMessage, response: ServerResponse): Promise<Delivery> {
  const unreadBytes = request.complete ? 0 : Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY);
  if (status === 400 || unreadBytes > MAX_DRAINED_BYTES) response.shouldKeepAlive = false;

  if (!(body instanceof Uint8Array)) {
    response.writeHead(status, headers.flat());
    return stream(body, response);
  }
  response.writeHead(status, [...headers.flat(), "content-length", String(body.byteLength)]);
  response.write(body);
  // The client has its answer; closing while it still sends would reset the connection and take the answer back.
  if (!request.complete) await drain(request);
  response.end();
  return { bytes: body.byteLength, complete: !response.destroyed };
}

async function drain(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.byteLength;
      if (bytes > MAX_DRAINED_BYTES) return;
    }
  } catch {
    // The client left: nothing remains to be read.
  }
}

/** Resolves when the last byte was handed to the connection, or when either side broke off. */
function stream(body: Readable, response: ServerResponse): Promise<Delivery> {
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = (complete: boolean): void => resolve({ bytes, complete });
    body.on("data", (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (!response.write(chunk)) {
        body.pause();
        response.once("drain", () => body.resume());
      }
    });
    body.on("end", () => {
      response.end();
      settle(true);
    });
    body.on("error", () => {}); // "close" follows.
    // Cutting the connection is the only honest end: a truncated response must never look complete.
    body.on("close", () => {
      if (!body.readableEnded) response.destroy();
      settle(false);
    });
    const left = (): void => {
      if (!response.writableFinished) body.destroy();
    };
    response.on("close", left);
    if (response.destroyed) left();
    // The head of a stream whose first event is yet to come does not wait for it.
    setImmediate(() => {
      if (bytes === 0 && !response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  });
}

/** For a connection that no longer has a request and response: the answer as bytes, and the end. */
export async function deliverRaw({ status, headers, body, settle }: RecordedAnswer, socket: Duplex): Promise<void> {
  const text = body as Uint8Array;
  const lines = [...headers, ["content-length", text.byteLength], ["connection", "close"]].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => {});
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n`), text]), () =>
    socket.destroy(),
  );
  await settle({ bytes: text.byteLength, complete: true });
}
