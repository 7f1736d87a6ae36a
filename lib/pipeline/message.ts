/** What an adapter hands to the pipeline, and what it gets back. Raw: nothing in it was judged yet. */
import type { Readable } from "node:stream";
import type { HeaderList } from "../http/headers.js";
import type { RequestBody } from "./request-body.js";

export interface IncomingMessage {
  readonly method: string;
  /** The request target as it stood in the request line. */
  readonly target: string;
  /** In wire order and spelling, duplicates kept. */
  readonly headers: HeaderList;
  readonly body: RequestBody;
  /** The platform's own source address: the socket's peer, or what the cloud's gateway says. Never from a header. */
  readonly sourceAddress: string | undefined;
  /** The route that the entrance itself names, such as a port of its own. */
  readonly entranceRoute?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array | Readable;
}

/** A request as it goes to the upstream. */
export interface UpstreamRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  /** undefined: no body. */
  readonly body: Uint8Array | Readable | undefined;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Readable;
}
