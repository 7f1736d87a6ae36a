/**
 * Lambda's side of the runtime API: gives a function one event at a time, with its deadline, and takes the answer. The
 * process is frozen as soon as it asks for the next event, and thawed when there is one. (Lambda developer guide: runtime
 * API; fault 11)
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface RuntimeApiOptions {
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** The function has nothing to do: it asked for an event, and there is none. */
  readonly onIdle: () => void;
  /** An event is about to be given to it. */
  readonly onEvent: () => void;
}

export interface RuntimeApi {
  /** host:port, as `AWS_LAMBDA_RUNTIME_API` names it. */
  readonly address: string;
  /** Resolves when the function first asks for an event; rejects when it says that it cannot be loaded. */
  readonly ready: Promise<void>;
  /**
   * @returns what the handler returned
   * @throws Error when the handler threw, or did not answer in time
   */
  invoke(event: object): Promise<unknown>;
  /** Ends what is waited for. */
  stop(reason?: string): void;
}

interface Deferred<Result> {
  readonly promise: Promise<Result>;
  resolve(result: Result): void;
  reject(error: Error): void;
}

function deferred<Result>(): Deferred<Result> {
  let settle!: Pick<Deferred<Result>, "resolve" | "reject">;
  const promise = new Promise<Result>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {}); // Whoever waits is told.
  return { promise, ...settle };
}

interface Invocation {
  readonly id: string;
  readonly event: object;
  readonly result: Deferred<unknown>;
}

interface ReportedFault {
  readonly errorType: string;
  readonly errorMessage: string;
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

export async function startRuntimeApi({ functionArn, timeoutMs, onIdle, onEvent }: RuntimeApiOptions): Promise<RuntimeApi> {
  const queue: Invocation[] = [];
  let current: Invocation | undefined;
  let waiting: ServerResponse | undefined;
  const ready = deferred<void>();

  const giveNext = (): void => {
    if (waiting === undefined || queue.length === 0) return;
    current = queue.shift()!;
    onEvent();
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": current.id,
      "lambda-runtime-deadline-ms": String(Date.now() + timeoutMs),
      "lambda-runtime-invoked-function-arn": functionArn,
      "lambda-runtime-trace-id": "Root=1-66704feb-118151122b2ad2d3488844e7",
    });
    waiting.end(JSON.stringify(current.event));
    waiting = undefined;
  };

  const next = (response: ServerResponse): void => {
    waiting = response;
    ready.resolve();
    if (queue.length === 0) onIdle();
    else giveNext();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url = "" } = request;
    if (method === "GET" && url === "/2018-06-01/runtime/invocation/next") return next(response);
    const body = await json(request);
    response.writeHead(202).end();
    if (url === "/2018-06-01/runtime/init/error") return ready.reject(asError(body as ReportedFault));
    const [, id, kind] = INVOCATION.exec(url) ?? [];
    if (id !== current?.id) throw new Error(`the function answered ${url}, and was not asked`);
    if (kind === "response") current!.result.resolve(body);
    else current!.result.reject(asError(body as ReportedFault));
    current = undefined;
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => stop(error.message));
  });
  const stop = (reason = "the function was stopped"): void => {
    const error = new Error(reason);
    ready.reject(error);
    for (const { result } of [current ?? [], ...queue.splice(0)].flat()) result.reject(error);
    server.close();
    server.closeAllConnections();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: ready.promise,
    stop,
    async invoke(event) {
      const result = deferred<unknown>();
      queue.push({ id: randomUUID(), event, result });
      const timer = setTimeout(() => result.reject(new Error(`the function did not answer within ${timeoutMs} ms`)), timeoutMs);
      giveNext();
      return result.promise.finally(() => clearTimeout(timer));
    },
  };
}

const asError = ({ errorType, errorMessage }: ReportedFault): Error => new Error(`${errorType}: ${errorMessage}`);
