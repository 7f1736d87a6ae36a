/**
 * A real upstream over TLS: it demands the credential, client certificate and signature that the door should have added,
 * says which of them failed, and records every request as it arrived. A denied call must leave `connections` as it was.
 * Its answers, good and bad, are the behaviours of `upstream-behaviours.ts`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { headerValues, type RecordedRequest, recordHead } from "./recorded-request.js";
import { type Behaviour, behaviourOfPath, send } from "./upstream-behaviours.js";

export interface Expectations {
  /** The token that must follow `Authorization: Bearer `, in exactly one header. */
  readonly bearer?: string;
  /** The client certificate's common name. Without it, `clientCa` accepts every certificate it issued. */
  readonly clientCommonName?: string;
  /** Says why the signature does not verify; undefined when it does. */
  readonly verifySignature?: (request: RecordedRequest) => string | undefined;
}

export interface UpstreamOptions {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** PEM of the authority whose client certificates are demanded. */
  readonly clientCa?: string;
  /** Default: 127.0.0.1 */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  readonly expectations?: Expectations;
  /** Chooses the behaviour; undefined leaves it to the path's last segment. */
  readonly respond?: (request: RecordedRequest) => Behaviour | undefined;
}

export interface Upstream {
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  /** TCP connections accepted so far, also those that failed in the TLS handshake. */
  readonly connections: number;
  close(): Promise<void>;
}

function bearerFailure(request: RecordedRequest, expected: string): string | undefined {
  const values = headerValues(request, "authorization");
  if (values.length !== 1) return `${values.length} Authorization headers instead of one`;
  return values[0] === `Bearer ${expected}` ? undefined : "the bearer token is wrong";
}

function certificateFailure({ clientCommonName }: RecordedRequest, expected: string | undefined): string | undefined {
  if (clientCommonName === undefined) return "no client certificate of the expected authority";
  if (expected === undefined || clientCommonName === expected) return undefined;
  return `the client certificate is of ${clientCommonName}, not of ${expected}`;
}

interface Check {
  readonly name: string;
  readonly status: number;
  readonly failure: (request: RecordedRequest, options: UpstreamOptions) => string | undefined;
}

const CHECKS: readonly Check[] = [
  {
    name: "client-certificate",
    status: 403,
    failure: (request, { clientCa, expectations }) =>
      clientCa === undefined ? undefined : certificateFailure(request, expectations?.clientCommonName),
  },
  {
    name: "bearer",
    status: 401,
    failure: (request, { expectations }) => (expectations?.bearer === undefined ? undefined : bearerFailure(request, expectations.bearer)),
  },
  { name: "signature", status: 403, failure: (request, { expectations }) => expectations?.verifySignature?.(request) },
];

const sendJson = (response: ServerResponse, status: number, body: object) =>
  send(response, status, { "content-type": "application/json" }, JSON.stringify(body));

const answerOk: Behaviour = ({ request: { method, body }, response }) =>
  sendJson(response, 200, { ok: true, method, bodyBytes: body.length });

/** Starts listening. Every request that passes the checks gets its behaviour, by default 200 with a small JSON body. */
export async function startUpstream(options: UpstreamOptions): Promise<Upstream> {
  const { key, cert, clientCa, host = "127.0.0.1", port = 0, respond } = options;
  const requests: RecordedRequest[] = [];
  const sockets = new Map<number, Socket>();
  let connections = 0;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = recordHead(message);
    requests.push(request);
    request.body = await buffer(message);
    request.complete = true;

    for (const { name, status, failure } of CHECKS) {
      const reason = failure(request, options);
      if (reason !== undefined) return sendJson(response, status, { failedCheck: name, reason });
    }
    const { behaviour, echo } = behaviourOfPath(request);
    const reset = () => sockets.get(message.socket.remotePort!)?.resetAndDestroy();
    await (respond?.(request) ?? behaviour ?? answerOk)({ request, response, echo, reset });
  }

  const mutualTls = clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false, ca: clientCa };
  const server = createServer({ key, cert, ...mutualTls }, (message, response) => {
    answer(message, response).catch((error: Error) => {
      if (!message.socket.destroyed && !response.headersSent) sendJson(response, 500, { fault: error.message });
    });
  });
  server.on("connection", (socket: Socket) => {
    const remotePort = socket.remotePort!;
    connections += 1;
    sockets.set(remotePort, socket);
    socket.on("close", () => sockets.delete(remotePort));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));

  return {
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}
