/**
 * The load generator: keep-alive connections on bare sockets, each with one request under way. Requests are written
 * out, and signed where the proxy asks for it, before the clock starts. A round is bounded in time and in requests.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { SecretValue } from "../../../lib/secret-value.js";
import { hmacProfile } from "../../../lib/signing/hmac.js";
import type { HeaderList } from "../../../lib/signing/message.js";
import { CALLER_KEY, CALLER_KEY_ID, PATH, REQUEST_BODY, ROUTE } from "./scenario.js";

export interface LoadOrder {
  readonly port: number;
  /** Whether each request carries a signature of its own. */
  readonly isSigned: boolean;
  readonly milliseconds: number;
}

export type LoadReport = { readonly requestsPerSecond: number } | { readonly failure: string };

const CONNECTIONS = 32;
const MAX_REQUESTS_A_SECOND = 30_000;
const GRACE_MS = 5_000;

const profile = hmacProfile({ form: "strict" });
const key = { id: CALLER_KEY_ID, secret: new SecretValue(CALLER_KEY) };
const target = `/${ROUTE}${PATH}`;

/** Gives the next request, undefined when there is none left. */
function requestSource({ port, isSigned, milliseconds }: LoadOrder): () => Buffer | undefined {
  const authority = `127.0.0.1:${port}`;
  const headers: HeaderList = [
    ["Host", authority],
    ["User-Agent", "bench/1"],
    ["Accept", "application/json"],
    ["Content-Type", "application/json"],
    ["Content-Length", String(Buffer.byteLength(REQUEST_BODY))],
    ["Idempotency-Key", "0b9f2a5e-6c1d-4b7a-9a51-000000000000"],
  ];
  const message = { method: "POST", authority, target, headers, body: Buffer.from(REQUEST_BODY) };
  const bytesOf = (list: HeaderList): Buffer =>
    Buffer.from(`POST ${target} HTTP/1.1\r\n${list.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${REQUEST_BODY}`);
  let left = Math.ceil((MAX_REQUESTS_A_SECOND * milliseconds) / 1000);
  if (!isSigned) {
    const bytes = bytesOf(headers);
    return () => (left-- > 0 ? bytes : undefined);
  }
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signed = Array.from({ length: left }, () =>
    bytesOf([...headers, ...profile.sign(message, key, { timestampSeconds, nonce: randomBytes(18).toString("base64url") })]),
  );
  return () => signed.pop();
}

/** @returns requests a second */
async function run(order: LoadOrder): Promise<number> {
  const next = requestSource(order);
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(order.port)));
  const startedAt = performance.now();
  const hangs = (): void => {
    for (const socket of sockets) socket.destroy(new Error("the proxy hangs"));
  };
  const timeout = setTimeout(hangs, order.milliseconds + GRACE_MS);
  try {
    const isOver = (): boolean => performance.now() - startedAt >= order.milliseconds;
    const counts = await Promise.all(sockets.map((socket) => exchange(socket, () => (isOver() ? undefined : next()))));
    return (counts.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - startedAt);
  } finally {
    clearTimeout(timeout);
    for (const socket of sockets) socket.destroy();
  }
}

const connected = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket)).once("error", reject);
  });

/** Sends one request after the other. @returns how many were answered with 200; any other answer fails the round */
function exchange(socket: Socket, next: () => Buffer | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let text = "";
    const send = (): void => {
      const request = next();
      if (request === undefined) resolve(answered);
      else socket.write(request);
    };
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the connection was closed after ${answered} answers`)));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(text) ?? [];
      if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) reject(new Error(`an unexpected answer: ${text}`));
      else if (text.length >= headEnd + 4 + Number(length)) {
        text = "";
        answered++;
        send();
      }
    });
    send();
  });
}

process.on("message", async (order: LoadOrder) => {
  const report = await run(order).then(
    (requestsPerSecond): LoadReport => ({ requestsPerSecond }),
    (cause): LoadReport => ({ failure: String(cause) }),
  );
  process.send!(report);
});
process.on("disconnect", () => process.exit());
