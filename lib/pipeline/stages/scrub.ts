/**
 * 12. No rendered form of an injected secret goes back, in a header or the body. An encoding that was not asked for is
 * decoded within bounds, and the call ends in 502 where that cannot be done. (THREATS 2, 3, 21)
 */
import { type Duplex, finished, type Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type Denial, deny, SallyportError } from "../../errors.js";
import { DUPLICATE, type HeaderList, returnableHeaders, singleHeader } from "../../http/headers.js";
import { Scrubber, type ScrubList, scrubList, scrubText } from "../../scrubbing/scrubber.js";
import type { Answer, IncomingMessage } from "../message.js";
import type { Credentialed } from "./credentials.js";
import type { Forwarded } from "./forward.js";
import type { Routed } from "./route.js";

export interface Scrubbed {
  readonly answer: Answer;
  /** Grows while the body streams. */
  readonly scrubbed: { hits: number };
}

const MAX_DECODED_BYTES = 256 * 1024 * 1024;

/** By content coding (RFC 9110 section 8.4.1): the steps that undo it. */
const DECODERS: ReadonlyMap<string, readonly (() => Duplex)[]> = new Map([
  ["", []],
  ["identity", []],
  ["gzip", [createGunzip, atMostDecoded]],
  ["x-gzip", [createGunzip, atMostDecoded]],
  ["deflate", [createInflate, atMostDecoded]],
  ["br", [createBrotliDecompress, atMostDecoded]],
]);

export function scrub({
  method,
  route,
  credentials,
  upstreamResponse,
}: IncomingMessage & Routed & Credentialed & Forwarded): Scrubbed | Denial {
  const { status, body } = upstreamResponse;
  const headers = returnableHeaders(upstreamResponse.headers);
  const scrubbed = { hits: 0 };
  if (route.inject.length === 0) return { answer: { status, headers, body }, scrubbed };

  const coding = singleHeader(headers, "content-encoding") ?? "identity";
  const decoders = coding === DUPLICATE ? undefined : DECODERS.get(coding.trim().toLowerCase());
  if (decoders === undefined) return deny("RESPONSE_UNSCRUBBABLE", { encoding: String(coding) });

  const list = listFor(route.inject.map(({ secret }) => credentials.get(secret)!.value.revealBytes()));
  const steps = hasBody(method, status) ? decoders.map((decoder) => decoder()) : [];
  const searched = [...steps, scrubbing(list, scrubbed)].reduce(into, body);
  return { answer: { status, headers: scrubHeaders(headers, list, scrubbed, decoders.length > 0), body: searched }, scrubbed };
}

/**
 * An end of either stream, other than a good one, ends the other: a response that breaks off never looks complete, and
 * one that nobody reads is not fetched. What `stream.pipeline` does, less the AbortController that it makes each time.
 */
function into(from: Readable, to: Duplex): Readable {
  finished(from, { writable: false }, (error) => error && to.destroy(error));
  to.on("close", () => from.destroy());
  to.on("error", () => {}); // Its reader may not be there yet.
  return from.pipe(to);
}

/** RFC 9110 section 6.4.1: these have headers about a body, and none. */
const hasBody = (method: string, status: number): boolean => method !== "HEAD" && status !== 204 && status !== 304;

function scrubHeaders(headers: HeaderList, list: ScrubList, scrubbed: { hits: number }, isDecoded: boolean): HeaderList {
  const kept = isDecoded ? headers.filter(([name]) => !/^content-(length|encoding)$/i.test(name)) : headers;
  return kept.map(([name, value]) => {
    const [foundName, foundValue] = [scrubText(list, name), scrubText(list, value)];
    scrubbed.hits += foundName.hits + foundValue.hits;
    return [foundName.text, foundValue.text];
  });
}

function scrubbing(list: ScrubList, scrubbed: { hits: number }): Transform {
  const scrubber = new Scrubber(list);
  let told = 0;
  const tell = (bytes: Uint8Array): Uint8Array => {
    scrubbed.hits += scrubber.hits - told;
    told = scrubber.hits;
    return bytes;
  };
  return new Transform({
    transform: (chunk: Uint8Array, _, done) => done(null, tell(scrubber.write(chunk))),
    flush: (done) => done(null, tell(scrubber.end())),
  });
}

function atMostDecoded(): Transform {
  let bytes = 0;
  return new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_DECODED_BYTES) done(new SallyportError("RESPONSE_UNSCRUBBABLE", { maxDecodedBytes: MAX_DECODED_BYTES }));
      else done(null, chunk);
    },
  });
}

/** Lists compiled for the secret bytes at hand; a rotation makes a new one. The key is the buffers' identity. */
const lists = new WeakMap<Uint8Array, { readonly rest: readonly Uint8Array[]; readonly list: ScrubList }>();

function listFor(secrets: readonly Uint8Array[]): ScrubList {
  const [first, ...rest] = secrets as [Uint8Array, ...Uint8Array[]];
  const known = lists.get(first);
  if (known !== undefined && known.rest.length === rest.length && known.rest.every((bytes, index) => bytes === rest[index]))
    return known.list;
  const list = scrubList(secrets);
  lists.set(first, { rest, list });
  return list;
}
