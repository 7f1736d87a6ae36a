/**
 * An upstream over TLS that keeps each request as the bytes that came, and sends them back: what two doors send can be
 * compared byte for byte, and each answer holds the credential that must not go further.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface RawUpstream {
  readonly port: number;
  /** The whole requests, as Latin-1, in order. */
  readonly requests: string[];
  /** Makes an answer's head, without the line that ends it; undefined: the connection is reset. Default: {@link ECHO}. */
  head: () => string | undefined;
  stop(): Promise<void>;
}

export const ECHO = () => "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n";

/** @param identity PEM texts */
export async function startRawUpstream(identity: { readonly key: string; readonly cert: string }): Promise<RawUpstream> {
  const sockets = new Set<TLSSocket>();
  const upstream: RawUpstream = {
    port: 0,
    requests: [],
    head: ECHO,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer(identity, (socket) => {
    let received = "";
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy()));
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const request = wholeRequest(received);
      if (request === undefined) return;
      received = received.slice(request.length);
      upstream.requests.push(request);
      const head = upstream.head();
      if (head === undefined) socket.destroy();
      else
        socket.write(
          Buffer.from(`${head}content-length: ${request.length}\r\n\r\n${request.startsWith("HEAD ") ? "" : request}`, "latin1"),
        );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(upstream, { port: (server.address() as AddressInfo).port });
}

/** Bodies are told by their length alone. */
function wholeRequest(text: string): string | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const end = headEnd + 4 + Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, headEnd + 2))?.[1] ?? 0);
  return text.length < end ? undefined : text.slice(0, end);
}
