import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { deliver } from "../../../lib/adapters/aws/api-gateway-result.js";
import { MAX_RESULT_BYTES } from "../../../lib/adapters/aws/platform-limits.js";
import type { HeaderList } from "../../../lib/http/headers.js";
import type { Delivery, RecordedAnswer } from "../../../lib/pipeline/stages/record.js";

interface Part {
  readonly status?: number;
  readonly headers?: HeaderList;
  readonly body: Uint8Array | Readable | string;
}

async function delivered({ status = 200, headers = [], body }: Part, deadlineMs = 10_000) {
  const deliveries: Delivery[] = [];
  const answer: RecordedAnswer = {
    status,
    headers,
    body: typeof body === "string" ? Buffer.from(body) : body,
    requestId: "request-1",
    settle: async (delivery) => void deliveries.push(delivery),
  };
  return { result: await deliver(answer, deadlineMs), deliveries };
}

const OVER = "the response is larger than Lambda's limit of 6 MB (4.5 MB when it is not text)";
const problem = (status: number, code: string, title: string) => ({
  statusCode: status,
  multiValueHeaders: { "content-type": ["application/problem+json"], "cache-control": ["no-store"] },
  body: JSON.stringify({ type: `urn:sallyport:error:${code}`, title, status, requestId: "request-1" }),
  isBase64Encoded: false,
});

describe("the result of a call", () => {
  it("has status, body as text where it is UTF-8, and what was sent in the audit", async () => {
    const { result, deliveries } = await delivered({ status: 201, body: "grüße" });
    expect(result).toEqual({ statusCode: 201, multiValueHeaders: {}, body: "grüße", isBase64Encoded: false });
    expect(deliveries).toEqual([{ bytes: 7, complete: true }]);
  });

  it.each([
    ["is not UTF-8", [0xff, 0x00, 0x80]],
    ["breaks off inside a character", [0x61, 0xc3]],
    ["spells a character in too many bytes", [0xc0, 0xaf]],
  ])("has base64 for a body that %s", async (_, bytes) => {
    const { result } = await delivered({ body: Uint8Array.from(bytes) });
    expect(result).toMatchObject({ body: Buffer.from(bytes).toString("base64"), isBase64Encoded: true });
  });

  it("keeps a byte order mark", async () => {
    const { result } = await delivered({ body: Buffer.from("\ufeffa") });
    expect(Buffer.from(result.body)).toEqual(Buffer.from([0xef, 0xbb, 0xbf, 0x61]));
  });

  it("has a body that arrives in pieces, cut anywhere", async () => {
    const bytes = Buffer.from("grüße 😀");
    const { result } = await delivered({
      body: Readable.from(
        [...bytes].map((byte) => Buffer.of(byte)),
        { objectMode: false },
      ),
    });
    expect(result.body).toBe("grüße 😀");
  });

  it("has every value of a header under one name, but no length, which API Gateway writes itself", async () => {
    const { result } = await delivered({
      headers: [
        ["Set-Cookie", "a=1"],
        ["X-One", "1"],
        ["set-cookie", "b=2"],
        ["Content-Length", "2"],
        ["__proto__", "own"],
      ],
      body: "ok",
    });
    expect(Object.entries(result.multiValueHeaders)).toEqual([
      ["Set-Cookie", ["a=1", "b=2"]],
      ["X-One", ["1"]],
      ["__proto__", ["own"]],
    ]);
  });
});

describe("a result past the platform's limits", () => {
  const envelope = JSON.stringify({ statusCode: 200, multiValueHeaders: {}, body: "", isBase64Encoded: false }).length;

  it("may be as large as Lambda's limit, and not a byte larger", async () => {
    const largest = "a".repeat(MAX_RESULT_BYTES - envelope);
    expect((await delivered({ body: largest })).result.body).toHaveLength(largest.length);
    const { result, deliveries } = await delivered({ body: `${largest}a` });
    expect(result).toEqual(problem(502, "response_over_platform_limit", OVER));
    expect(deliveries).toEqual([{ bytes: 0, complete: false, failure: "RESPONSE_OVER_PLATFORM_LIMIT" }]);
  });

  it("counts what base64 adds", async () => {
    expect((await delivered({ body: Buffer.alloc(4_600_000, 0xff) })).result.statusCode).toBe(200);
    expect((await delivered({ body: Buffer.alloc(4_800_000, 0xff) })).result).toEqual(problem(502, "response_over_platform_limit", OVER));
  });

  it("counts what JSON adds", async () => {
    expect((await delivered({ body: '"'.repeat(3_200_000) })).result.statusCode).toBe(502);
  });

  it("stops reading a body without end", async () => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          chunks += 1;
          yield Buffer.alloc(1_000_000, "a");
        }
      })(),
      { objectMode: false, highWaterMark: 1 },
    );
    expect((await delivered({ body: endless })).result.statusCode).toBe(502);
    expect(endless.destroyed).toBe(true);
    expect(chunks).toBeLessThan(10);
  });

  it("names API Gateway's 29 s when the body does not end in time", async () => {
    const stalled = new Readable({ read() {} });
    stalled.push("the first part");
    const { result, deliveries } = await delivered({ body: stalled }, 20);
    expect(result).toEqual(problem(504, "platform_timeout", "the answer was not there within API Gateway's limit of 29 seconds"));
    expect(deliveries).toEqual([{ bytes: 0, complete: false, failure: "PLATFORM_TIMEOUT" }]);
    expect(stalled.destroyed).toBe(true);
  });

  it("is an error, and never half an answer, when the upstream breaks off", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("the first part");
        throw new Error("reset");
      })(),
      { objectMode: false },
    );
    const { result, deliveries } = await delivered({ body: broken });
    expect(result).toEqual(problem(502, "upstream_reset", "the upstream broke off"));
    expect(deliveries).toEqual([{ bytes: 0, complete: false, failure: "UPSTREAM_RESET" }]);
  });
});
