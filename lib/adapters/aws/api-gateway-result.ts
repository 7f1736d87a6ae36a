/**
 * The pipeline's answer as what a proxy integration returns. Lambda's buffered answers are whole or nothing: the body is
 * collected within the platform's size and time, and one that breaks off, or is too large or too late, becomes an error
 * that says which limit it was. (THREATS 21; faults 4, 5, 6)
 */
import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { type ErrorCode, SallyportError } from "../../errors.js";
import type { HeaderList } from "../../http/headers.js";
import { problemDocument } from "../../http/problem.js";
import type { RecordedAnswer } from "../../pipeline/stages/record.js";
import { MAX_RESULT_BYTES } from "./platform-limits.js";

export interface ApiGatewayResult {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** @param deadlineMs milliseconds until the result must be there */
export async function deliver(answer: RecordedAnswer, deadlineMs: number): Promise<ApiGatewayResult> {
  const { status, headers, requestId, settle } = answer;
  try {
    const body = await collect(answer.body, deadlineMs);
    const result = resultOf(status, headers, body);
    await settle({ bytes: body.byteLength, complete: true });
    return result;
  } catch (fault) {
    const failure = fault instanceof SallyportError ? fault.code : "UPSTREAM_RESET";
    await settle({ bytes: 0, complete: false, failure });
    return problemResult(failure, requestId);
  }
}

/** A problem document for a caller that was authorized. */
export function problemResult(code: ErrorCode, requestId: string): ApiGatewayResult {
  const { status, headers, body } = problemDocument(code, requestId, true);
  return resultOf(status, headers, Buffer.from(body));
}

async function collect(body: Uint8Array | Readable, deadlineMs: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const timer = setTimeout(() => body.destroy(new SallyportError("PLATFORM_TIMEOUT")), deadlineMs);
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > MAX_RESULT_BYTES) throw new SallyportError("RESPONSE_OVER_PLATFORM_LIMIT");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws {RESPONSE_OVER_PLATFORM_LIMIT} */
function resultOf(status: number, headers: HeaderList, bytes: Uint8Array): ApiGatewayResult {
  const isText = isUtf8(bytes);
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(isText ? "utf8" : "base64");
  const result = { statusCode: status, multiValueHeaders: multiValue(headers), body, isBase64Encoded: !isText };
  if (Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_BYTES) throw new SallyportError("RESPONSE_OVER_PLATFORM_LIMIT");
  return result;
}

/** By name, whatever its spelling. API Gateway writes a Content-Length of its own. */
function multiValue(headers: HeaderList): Record<string, string[]> {
  const byName = new Map<string, [name: string, values: string[]]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const known = byName.get(lower);
    if (known !== undefined) known[1].push(value);
    else if (lower !== "content-length") byName.set(lower, [name, [value]]);
  }
  return Object.fromEntries(byName.values());
}
