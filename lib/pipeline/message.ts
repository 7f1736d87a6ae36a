/** What an adapter hands to the pipeline, and what it gets back. Raw: nothing in it was judged yet. */
import type { Readable } from "node:stream";
import type { HeaderList } from "../http/headers.js";
import type { RequestBody } from "./request-body.js";

/** A caller that the platform has authenticated before the door saw the request. */
export interface PlatformIdentity {
  readonly kind: "iam-role";
  /** Such as `aws` or `aws-cn`. */
  readonly partition: string;
  readonly account: string;
  /** Without its path. */
  readonly roleName: string;
  readonly sessionName: string;
}

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
  /** Who calls, on the platform's own word. Never from a header. */
  readonly platformIdentity?: PlatformIdentity | undefined;
  /** Milliseconds from its arrival after which the platform answers in the door's place. */
  readonly deadlineMs?: number | undefined;
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
