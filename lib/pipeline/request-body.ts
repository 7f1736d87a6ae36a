/**
 * A request's body, read at most once and never past its limit. What must be hashed is held in memory and counted
 * against a byte budget that all requests share, so that many large bodies cannot exhaust the door (THREATS 21).
 */
import { hash } from "node:crypto";
import { Readable } from "node:stream";
import { type Denial, deny, SallyportError } from "../errors.js";

/** Bytes that may be held at once by all requests together. */
export class ByteBudget {
  #free: number;

  constructor(totalBytes: number) {
    this.#free = totalBytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#free) return false;
    this.#free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

const NOTHING = new Uint8Array(0);
const EMPTY_SHA256_HEX = hash("sha256", NOTHING, "hex");

export class RequestBody {
  /** Bytes read so far. */
  bytes = 0;
  #maxBytes = Number.POSITIVE_INFINITY;
  #collected: Promise<Uint8Array | Denial> | undefined;
  #digest: string | undefined;
  #held = 0;
  #budget: ByteBudget | undefined;

  /**
   * @param source undefined: the request has no body
   * @param declaredBytes what Content-Length says; undefined for a chunked body
   */
  constructor(
    readonly source?: Readable | Uint8Array,
    readonly declaredBytes: number | undefined = source instanceof Uint8Array ? source.byteLength : undefined,
  ) {
    if (source instanceof Uint8Array) this.bytes = source.byteLength;
  }

  get isEmpty(): boolean {
    return this.source === undefined;
  }

  /** Sets or lowers the limit. @returns BODY_TOO_LARGE when the declared length, or what was read, is past it already */
  limit(maxBytes: number): Denial | undefined {
    this.#maxBytes = Math.min(this.#maxBytes, maxBytes);
    return Math.max(this.declaredBytes ?? 0, this.bytes) > this.#maxBytes ? this.#tooLarge() : undefined;
  }

  /** The whole body. Reads it once, however often it is asked. */
  collect(budget: ByteBudget): Promise<Uint8Array | Denial> {
    this.#budget = budget;
    this.#collected ??= this.#read();
    return this.#collected;
  }

  /** SHA-256 of the whole body, as hex. Computes it once, however often it is asked. */
  async digest(budget: ByteBudget): Promise<string | Denial> {
    if (this.source === undefined) return EMPTY_SHA256_HEX;
    if (this.#digest !== undefined) return this.#digest;
    const body = await this.collect(budget);
    if (!(body instanceof Uint8Array)) return body;
    this.#digest = hash("sha256", body, "hex");
    return this.#digest;
  }

  /** What to send on: the bytes when they were collected, else a stream that ends in an error past the limit. */
  async forward(): Promise<Uint8Array | Readable | undefined> {
    if (this.#collected !== undefined) {
      const body = await this.#collected;
      return body instanceof Uint8Array ? body : undefined;
    }
    const { source } = this;
    if (source === undefined || source instanceof Uint8Array) return source;
    return Readable.from(this.#counted(source), { objectMode: false });
  }

  /** Gives held bytes back to the budget. Safe to call twice. */
  release(): void {
    this.#budget?.give(this.#held);
    this.#held = 0;
  }

  /** By events: an iterator costs more than all that is done with a small body. Stopping half-way only pauses the source. */
  #read(): Promise<Uint8Array | Denial> {
    const { source } = this;
    if (source === undefined) return Promise.resolve(NOTHING);
    if (source instanceof Uint8Array) return Promise.resolve(source);
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      const settle = (result: Uint8Array | Denial): void => {
        source.off("data", take).off("end", end).off("error", broken).off("close", broken);
        resolve(result);
      };
      const refuse = (denial: Denial): void => {
        source.pause();
        source.on("error", () => {});
        settle(denial);
      };
      const take = (chunk: Uint8Array): void => {
        this.bytes += chunk.byteLength;
        if (this.bytes > this.#maxBytes) refuse(this.#tooLarge());
        else if (!this.#budget!.take(chunk.byteLength))
          refuse(deny("OVERLOADED", { what: "the byte budget for bodies that must be hashed" }));
        else {
          this.#held += chunk.byteLength;
          chunks.push(chunk);
        }
      };
      const end = (): void => settle(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      const broken = (cause?: unknown): void => reject(this.#brokenOff(cause));
      source.on("data", take).on("end", end).on("error", broken).on("close", broken);
      if (source.destroyed) broken();
    });
  }

  async *#counted(source: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#chunks(source)) {
      if (this.bytes > this.#maxBytes) throw new SallyportError("BODY_TOO_LARGE", this.#tooLarge().details);
      yield chunk;
    }
  }

  async *#chunks(source: Readable): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        this.bytes += chunk.byteLength;
        yield chunk;
      }
    } catch (cause) {
      throw this.#brokenOff(cause);
    }
  }

  #brokenOff(cause: unknown): SallyportError {
    return new SallyportError("REQUEST_MALFORMED", { what: "the body broke off", bytes: this.bytes }, { cause });
  }

  #tooLarge(): Denial {
    return deny("BODY_TOO_LARGE", { maxBodyBytes: this.#maxBytes, bytes: this.declaredBytes ?? this.bytes });
  }
}
