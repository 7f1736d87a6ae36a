/**
 * What an upstream may do to the door, as one table: echo the credential in every part of an answer and in every
 * spelling, break off, dawdle, stream, redirect, answer without end.
 */
import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { canaryForms } from "./canary.js";
import { headerValues, type RecordedRequest } from "./recorded-request.js";

export interface Exchange {
  /** Complete, and past the upstream's checks. */
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  /** The credential that was received, in the spelling that the path asks for. */
  readonly echo: string;
  /** Resets the TCP connection below TLS. */
  reset(): void;
}

export type Behaviour = (exchange: Exchange) => void | Promise<void>;

const SPLIT_BYTES = 5;
const DRIP_MS = 50;
const DRIPS = 10;
const LARGE_BYTES = 8 * 1024 * 1024;
const BOMB_BYTES = 64 * 1024 * 1024;

const TEXT = { "content-type": "text/plain" };

const around = (echo: string) => `You sent ${echo}, thank you.`;

/** A whole answer with its length. */
export function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

const compressed =
  (encoding: string, compress: (text: string) => Buffer): Behaviour =>
  ({ response, echo }) =>
    send(response, 200, { ...TEXT, "content-encoding": encoding }, compress(around(echo)));

/** Writes pieces one after another, each in a packet of its own, as long as someone listens. */
async function drip(response: ServerResponse, pieces: Iterable<string>, pauseMs: number): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    await pause(pauseMs);
  }
  response.end();
}

function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

const split = (text: string, bytes: number) => text.match(new RegExp(`.{1,${bytes}}`, "gs")) ?? [];

/** By name. An `echo-` behaviour sends the credential back, the others never do. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "echo-status": ({ response, echo }) => void response.writeHead(200, echo, TEXT).end("see the status line"),
  "echo-header": ({ response, echo }) => send(response, 200, { ...TEXT, "x-echo": around(echo) }, "see the header"),
  "echo-body": ({ response, echo }) => send(response, 200, TEXT, around(echo)),
  "echo-error": ({ response, echo }) => send(response, 500, TEXT, around(echo)),
  "echo-redirect": ({ response, echo }) => send(response, 302, { location: `https://elsewhere.example/?key=${echo}` }, ""),
  "echo-split": ({ response, echo }) => drip(response.writeHead(200, TEXT), split(around(echo), SPLIT_BYTES), 1),
  "echo-trailer": ({ response, echo }) => {
    response.writeHead(200, { ...TEXT, trailer: "x-echo" }).write("see the trailer");
    response.addTrailers({ "x-echo": around(echo) });
    response.end();
  },
  "echo-gzip": compressed("gzip", gzipSync),
  "echo-deflate": compressed("deflate", deflateSync),
  "echo-brotli": compressed("br", brotliCompressSync),

  redirect: ({ response }) => send(response, 307, { location: "https://elsewhere.example/landing" }, ""),
  /** Never answers. */
  hang: () => {},
  /** Begins an answer and falls silent. */
  stall: ({ response }) => void response.writeHead(200, { ...TEXT, "content-length": "1000" }).write("the first part"),
  /** TCP reset in the middle of a body. */
  reset: async ({ response, reset }) => {
    response.writeHead(200, { ...TEXT, "content-length": "1000" }).write("the first part");
    await pause(DRIP_MS);
    reset();
  },
  /** Orderly close in the middle of a chunked body. */
  truncate: async ({ response }) => {
    response.writeHead(200, TEXT).write("the first part");
    await pause(DRIP_MS);
    response.socket?.end();
  },
  /** Ten pieces, 50 ms apart. */
  slow: ({ response }) => drip(response.writeHead(200, TEXT), Array(DRIPS).fill("slow "), DRIP_MS),
  endless: ({ response }) => drip(response.writeHead(200, TEXT), endless("on and on "), DRIP_MS),
  /** Three server-sent events, 50 ms apart. */
  sse: ({ response }) => {
    const events = ["one", "two", "three"].map((word, id) => `id: ${id}\ndata: ${word}\n\n`);
    return drip(response.writeHead(200, { "content-type": "text/event-stream" }), events, DRIP_MS);
  },
  /** 8 MiB. */
  large: ({ response }) => send(response, 200, TEXT, Buffer.alloc(LARGE_BYTES, "large ")),
  /** 64 KiB on the wire, 64 MiB decoded. */
  "gzip-bomb": ({ response }) => send(response, 200, { ...TEXT, "content-encoding": "gzip" }, gzipSync(Buffer.alloc(BOMB_BYTES))),
};

/** The credential is what follows the scheme in `Authorization`, else `X-Api-Key`, else a text that says there is none. */
function receivedCredential(request: RecordedRequest): string {
  const authorization = headerValues(request, "authorization")[0];
  if (authorization !== undefined) return authorization.slice(authorization.indexOf(" ") + 1);
  return headerValues(request, "x-api-key")[0] ?? "no credential at all";
}

function spell(credential: string, form: string): string {
  const spelling = canaryForms(credential).find((candidate) => candidate.form === form);
  if (spelling === undefined) throw new Error(`no spelling is named ${form}`);
  return spelling.bytes.toString();
}

/**
 * Reads the behaviour and its echo from the last segment of the path: `/v1/echo-body` echoes the credential raw,
 * `/v1/echo-body.json-slash` in that form of `canaryForms`. `behaviour` is undefined when the table has no such name.
 */
export function behaviourOfPath(request: RecordedRequest): { behaviour: Behaviour | undefined; echo: string } {
  const [name = "", form = "raw"] = request.target.split("?", 1)[0]!.split("/").at(-1)!.split(".");
  const behaviour = Object.hasOwn(BEHAVIOURS, name) ? BEHAVIOURS[name] : undefined;
  return { behaviour, echo: spell(receivedCredential(request), behaviour ? form : "raw") };
}
