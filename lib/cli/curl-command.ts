/**
 * A curl command line that sends a request as it was signed: curl must not squash dot segments (`--path-as-is`), expand
 * brackets (`--globoff`), read its configuration (`--disable`) or add a Content-Type of its own.
 */
import { isUtf8 } from "node:buffer";
import type { HeaderList } from "../signing/index.js";
import { invalidInput } from "./invalid-input.js";

export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  /** As on the command line: `@file`, `-`, or the text itself; undefined for no body. */
  readonly data: string | undefined;
  readonly body: Uint8Array;
}

/** Below what common systems take as one argument. */
const MAX_ARGUMENT_BYTES = 100_000;

/** @throws {INPUT_INVALID} when the body cannot stand on a command line */
export function curlCommand({ method, url, headers, data, body }: CurlRequest): string {
  const hasContentType = headers.some(([name]) => name.toLowerCase() === "content-type");
  const allHeaders = headers.map(([name, value]) => (value === "" ? `${name};` : `${name}: ${value}`));
  if (data !== undefined && !hasContentType) allHeaders.push("Content-Type:");
  const words = [
    ...["curl", "--disable", "--path-as-is", "--globoff"],
    ...(method === "HEAD" ? ["--head"] : ["--request", quoted(method)]),
    ...allHeaders.flatMap((header) => ["--header", quoted(header)]),
    ...(data === undefined ? [] : dataWords(data, body)),
    ...["--url", quoted(url)],
  ];
  return words.join(" ");
}

function dataWords(data: string, body: Uint8Array): string[] {
  if (data.startsWith("@")) return ["--data-binary", quoted(data)];
  if (body.byteLength > MAX_ARGUMENT_BYTES || !isUtf8(body) || body.includes(0)) {
    throw invalidInput("the data is too large or not text for a command line: put it in a file and give --data @FILE");
  }
  return ["--data-raw", quoted(Buffer.from(body).toString("utf8"))];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
