/** Writes an answer to a client, at the client's pace, and tells the pipeline how it ended. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { Delivery, RecordedAnswer } from "../../pipeline/stages/record.js";

/** What is left of a request's body is read and dropped up to this size; past it the connection is closed instead. */
const MAX_DRAINED_BYTES = 64 * 1024;

export async function deliver(answer: RecordedAnswer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  const unread = !request.complete && !request.readableEnded;
  // A refused request whose body is still coming must not be taken for the next request.
  if (unread && (status === 400 || Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) > MAX_DRAINED_BYTES)) {
    response.shouldKeepAlive = false;
    if (body instanceof Uint8Array) response.once("finish", () => setImmediate(() => request.destroy()));
  } else if (status === 400) response.shouldKeepAlive = false;

  if (body instanceof Uint8Array) {
    response.writeHead(status, [...headers.flat(), "content-length", String(body.byteLength)]);
    response.end(body);
    await answer.settle({ bytes: body.byteLength, complete: true });
    return;
  }
  response.writeHead(status, headers.flat());
  await answer.settle(await stream(body, response));
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
    // Cutting the connection is the only honest end: a truncated response must never look complete.
    body.on("error", () => {
      response.destroy();
      settle(false);
    });
    response.on("close", () => {
      if (response.writableFinished) return;
      body.destroy();
      settle(false);
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
