/**
 * How a moment is written in a signature. A text is accepted only in the form in which its format would write it, so one
 * moment has one spelling (malleable encodings: `+1700000000`, `01700000000`, `1.7e9`).
 */
interface TimestampFormat {
  /** What a text can be made of. */
  readonly alphabet: RegExp;
  readonly expected: string;
  readonly format: (milliseconds: number) => string;
  readonly parse: (text: string) => number;
}

export const TIMESTAMP_FORMATS = {
  unix: {
    alphabet: /[0-9]/,
    expected: "whole Unix seconds in decimal",
    format: (milliseconds) => String(Math.floor(milliseconds / 1000)),
    parse: (text) => Number(text) * 1000,
  },
  "unix-milliseconds": {
    alphabet: /[0-9]/,
    expected: "whole Unix milliseconds in decimal",
    format: String,
    parse: Number,
  },
  /** RFC 3339 in UTC and whole seconds: `2023-11-14T22:13:20Z`. */
  rfc3339: {
    alphabet: /[0-9TZ:-]/,
    expected: "a time such as 2023-11-14T22:13:20Z",
    format: (milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`,
    parse: Date.parse,
  },
} as const satisfies Record<string, TimestampFormat>;

export type TimestampFormatName = keyof typeof TIMESTAMP_FORMATS;

/** From 2001 to 5138: what `unix` writes with 10 or 11 digits. */
const EARLIEST_MS = 1e12;
const LATEST_MS = 1e14;

/** @returns undefined for any but a whole number of the moments that every format can write */
export function formatTimestamp(name: TimestampFormatName, milliseconds: number): string | undefined {
  const inRange = Number.isInteger(milliseconds) && milliseconds >= EARLIEST_MS && milliseconds < LATEST_MS;
  return inRange ? TIMESTAMP_FORMATS[name].format(milliseconds) : undefined;
}

/** @returns milliseconds since the Unix epoch; undefined for any but the one text that the format writes */
export function parseTimestamp(name: TimestampFormatName, text: string): number | undefined {
  const milliseconds = TIMESTAMP_FORMATS[name].parse(text);
  return formatTimestamp(name, milliseconds) === text ? milliseconds : undefined;
}
