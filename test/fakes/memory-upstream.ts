/** The road to the upstream in memory: records what it is given, reads its body, and answers or fails as it is told. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type ErrorCode, SallyportError } from "../../lib/errors.js";
import type { HeaderList } from "../../lib/http/headers.js";
import type { UpstreamRequest } from "../../lib/pipeline/message.js";
import type { Destination, Upstream } from "../../lib/pipeline/upstream.js";

export interface SentRequest extends Omit<UpstreamRequest, "body"> {
  readonly destination: Destination;
  /** The whole body; empty when there was none. */
  readonly body: Buffer;
  readonly deadlineMs: number;
}

export interface MemoryAnswer {
  /** Default: 200 */
  readonly status?: number;
  readonly headers?: HeaderList;
  /** Text, bytes, or pieces that arrive one by one. */
  readonly body?: string | Uint8Array | Iterable<Uint8Array> | Readable;
}

export interface MemoryUpstream extends Upstream {
  readonly sent: readonly SentRequest[];
  /** Every answer's body, in order: whether it was read or destroyed. */
  readonly bodies: readonly Readable[];
  /** What to answer from now on. Default: 200 with the body `ok`. */
  respond: (request: SentRequest) => MemoryAnswer | Promise<MemoryAnswer>;
  /** From now on every call throws after its request was recorded. */
  fail(code: ErrorCode): void;
}

export function memoryUpstream(): MemoryUpstream {
  const sent: SentRequest[] = [];
  const bodies: Readable[] = [];
  const upstream: MemoryUpstream = {
    sent,
    bodies,
    respond: () => ({ body: "ok" }),
    fail(code) {
      upstream.respond = () => {
        throw new SallyportError(code, { host: "api.example.com" });
      };
    },
    async send(destination, { method, target, headers, body }, deadlineMs) {
      const bytes = body === undefined ? Buffer.alloc(0) : body instanceof Uint8Array ? Buffer.from(body) : await buffer(body);
      const request = { destination, method, target, headers, body: bytes, deadlineMs };
      sent.push(request);
      const { status = 200, headers: answered = [], body: content = "" } = await upstream.respond(request);
      const pieces = typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
      const stream = pieces instanceof Readable ? pieces : Readable.from(pieces, { objectMode: false });
      bodies.push(stream);
      return { status, headers: answered, body: stream };
    },
    async close() {},
  };
  return upstream;
}
