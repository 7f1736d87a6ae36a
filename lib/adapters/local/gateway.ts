/**
 * The local gateway: HTTP/1.1 and TLS listeners in front of the pipeline. It only translates: Node's raw request in, the
 * pipeline's answer out, streamed both ways. Bound to loopback unless it has TLS, and answers only to its own names, so
 * that no web page can reach it by rebinding a name. (THREATS 11, 13, 29; faults 6, 14, 15)
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ErrorCode, type ErrorDetails, SallyportError } from "../../errors.js";
import { headerList } from "../../http/headers.js";
import { createDoor, type Door, type DoorOptions } from "../../pipeline/door.js";
import { handle, refuse } from "../../pipeline/handle.js";
import { RequestBody } from "../../pipeline/request-body.js";
import { deliver, deliverRaw } from "./deliver.js";
import { listen } from "./listen.js";
import { authoritiesOf, isLoopback, type Listener } from "./listener.js";

export interface GatewayOptions extends Omit<DoorOptions, "isOwnAuthority"> {
  readonly listeners: readonly Listener[];
  /** PEM texts. Required for a listener off loopback. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** More Host values that name this door, in lower case, such as `egress.internal:8443`. */
  readonly authorities?: readonly string[];
  /** Milliseconds in which a request must have arrived whole. Default 30,000. */
  readonly requestTimeoutMs?: number;
}

export interface Gateway {
  readonly door: Door;
  /** The listeners with the ports they really have. */
  readonly listening: readonly Listener[];
  /** Stops accepting, lets calls under way end, and cuts what is left after `drainMs`. */
  close(drainMs?: number): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** Above the door's own bound, so that the door gives the answer; past it the parser does. */
const PARSER_HEADER_BYTES = 32_768;
/** Requests that one connection may have sent ahead of its answers. */
const MAX_PIPELINED = 32;

/** @throws {INPUT_INVALID} when a listener off loopback has no TLS, or an address cannot be listened on */
export async function startGateway({
  listeners,
  tls,
  authorities = [],
  requestTimeoutMs = 30_000,
  ...options
}: GatewayOptions): Promise<Gateway> {
  const open = listeners.find(({ host }) => tls === undefined && !isLoopback(host));
  if (open !== undefined) {
    throw new SallyportError(
      "INPUT_INVALID",
      { listen: open.host },
      { message: `TLS is required off loopback: give a certificate and key to listen on ${open.host}` },
    );
  }
  const own = new Set(authorities);
  const door = createDoor({ ...options, isOwnAuthority: (authority) => own.has(authority) });

  const servers: Server[] = [];
  const listening: Listener[] = [];
  for (const listener of listeners) {
    const tuning = serverOptions(requestTimeoutMs);
    const server = tls === undefined ? createHttpServer(tuning) : createHttpsServer({ ...tuning, ...tls, minVersion: "TLSv1.2" });
    serve(server, door, listener.route);
    const port = await listen(server, listener).catch((fault: unknown) => {
      for (const started of servers) started.close();
      throw fault;
    });
    servers.push(server);
    const bound = { ...listener, port };
    listening.push(bound);
    for (const authority of authoritiesOf(bound, tls !== undefined)) own.add(authority);
  }

  return {
    door,
    listening,
    async close(drainMs = 10_000) {
      const cut = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, drainMs);
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed).closeIdleConnections())));
      clearTimeout(cut);
      await door.upstream.close();
    },
  };
}

const serverOptions = (requestTimeoutMs: number): ServerOptions => ({
  headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: PARSER_HEADER_BYTES,
  connectionsCheckingInterval: 1_000,
  noDelay: true,
  // Refused by the pipeline instead, which writes it down.
  requireHostHeader: false,
  // Whatever flags this process was started with.
  insecureHTTPParser: false,
});

function serve(server: Server, door: Door, entranceRoute: string | undefined): void {
  /** The answers that a connection still waits for. */
  const owed = new WeakMap<Duplex, Set<ServerResponse>>();
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const responses = owed.get(socket) ?? new Set();
    const previous = [...responses].at(-1);
    owed.set(socket, responses.add(response));
    response.on("error", () => {});
    response.on("close", () => {
      responses.delete(response);
      if (!server.listening) server.closeIdleConnections();
    });
    // One at a time: what follows a request that closes the connection is not a request, whatever it looks like.
    const inTurn = (): void => {
      if (socket.writable) answer(request, response, door, entranceRoute).catch(() => response.destroy());
    };
    if (previous === undefined) inTurn();
    else if (responses.size > MAX_PIPELINED) socket.destroy();
    else previous.once("close", inTurn);
  };
  // Node answers an expectation that it does not know by itself, unseen by the audit.
  server.on("request", take).on("checkExpectation", take);

  const refuseRaw = (code: ErrorCode, details: ErrorDetails, socket: Duplex): void => {
    const responses = [...(owed.get(socket) ?? [])];
    const last = responses.at(-1);
    // Bytes of ours must never stand where the client takes them for the answer to another request, or for a part of one.
    if (last === undefined || (responses.length === 1 && !last.req.complete && !last.headersSent)) {
      void refuse(code, details, door).then((refusal) => deliverRaw(refusal, socket));
    } else if (last.req.complete) last.once("close", () => socket.destroy());
    else socket.destroy();
  };
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else refuseRaw(PARSER_CODES[error.code ?? ""] ?? "REQUEST_MALFORMED", { parser: error.code }, socket);
  });
  const tunnel = (_: IncomingMessage, socket: Duplex): void => refuseRaw("UPGRADE_REFUSED", {}, socket);
  server.on("upgrade", tunnel).on("connect", tunnel);
}

const PARSER_CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
};

async function answer(request: IncomingMessage, response: ServerResponse, door: Door, entranceRoute: string | undefined): Promise<void> {
  const message = {
    method: request.method ?? "",
    target: request.url ?? "",
    headers: headerList(request.rawHeaders),
    body: bodyOf(request),
    sourceAddress: (request.socket as Socket).remoteAddress,
    entranceRoute,
  };
  await deliver(await handle(message, door), request, response);
}

/** A request has a body when it frames one, whatever its method. */
function bodyOf(request: IncomingMessage): RequestBody {
  const length = request.headers["content-length"];
  if (request.headers["transfer-encoding"] !== undefined) return new RequestBody(request);
  return length === undefined || length === "0" ? new RequestBody() : new RequestBody(request, Number(length));
}
