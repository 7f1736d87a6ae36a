/**
 * A secret as a type: whatever prints, serialises or inspects it sees `[redacted]`. The value leaves only through
 * `reveal`, so one search for that word lists every place that touches a credential.
 */
import { inspect } from "node:util";

const REDACTED = "[redacted]";

export class SecretValue {
  readonly #value: Buffer;

  constructor(value: string | Uint8Array) {
    this.#value = typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value);
  }

  /** Length in bytes. */
  get byteLength(): number {
    return this.#value.byteLength;
  }

  revealBytes(): Buffer {
    return this.#value;
  }

  revealText(): string {
    return this.#value.toString("utf8");
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
