/** THREATS 2, 3, 21: the upstream's answer goes back in full, but for the credential. */
import { Readable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { canaryForms, expectNoCanary } from "../fakes/canary.js";
import { API_KEY, testDoor, valuesOf } from "../fakes/door.js";
import type { MemoryAnswer } from "../fakes/memory-upstream.js";

const MASK = "*".repeat(API_KEY.length);

async function answered(answer: MemoryAnswer, request = {}) {
  const test = testDoor();
  test.upstream.respond = () => answer;
  return { ...test, answer: await test.ask(request) };
}

describe("the body", () => {
  it("comes back masked at equal length, with its hits counted", async () => {
    const { answer, metrics, audit } = await answered({ body: `a ${API_KEY} b ${API_KEY} c` });
    expect(answer.body).toBe(`a ${MASK} b ${MASK} c`);
    expect(metrics.total("sallyport_scrubbed_total", { route: "api" })).toBe(2);
    expect(audit.events[0]).toMatchObject({ kind: "outcome", scrubbed: 2, responseBytes: answer.body.length });
  });

  it("comes back without the credential in every form, byte by byte", async () => {
    for (const { form, bytes } of canaryForms(API_KEY)) {
      const { answer } = await answered({ body: [...bytes].map((byte) => Buffer.from([byte])) });
      expectNoCanary(form, answer.body, [API_KEY]);
      expect(answer.body, form).toHaveLength(bytes.length);
    }
  });

  it("comes back as it is from a route that injects nothing", async () => {
    const test = testDoor({ policy: { routes: { api: { owner: "team-test", target: "https://api.example.com" } } } });
    test.upstream.respond = () => ({ body: API_KEY, headers: [["content-encoding", "zstd"]] });
    expect(await test.ask()).toMatchObject({ status: 200, body: API_KEY });
  });

  it("is masked after a rotation by the version that was injected", async () => {
    const { ask, secrets, upstream } = testDoor();
    const rotated = "another value of the key";
    upstream.respond = () => ({ body: `${API_KEY} ${rotated}` });
    expect((await ask()).body).toBe(`${MASK} ${rotated}`);
    secrets.put("api-key", rotated);
    expect((await ask()).body).toBe(`${API_KEY} ${"*".repeat(rotated.length)}`);
  });

  it("ends in an error when the upstream breaks off", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("the first part");
        throw new Error("reset");
      })(),
      { objectMode: false },
    );
    const { answer, audit } = await answered({ body: broken });
    expect(answer.complete).toBe(false);
    expect(audit.events[0]).toMatchObject({ kind: "outcome", decision: "allow", reason: "UPSTREAM_RESET", status: 200 });
  });
});

describe("an encoding that was not asked for", () => {
  const text = `your key is ${API_KEY}`;
  const ENCODINGS: readonly (readonly [string, Uint8Array])[] = [
    ["gzip", gzipSync(text)],
    ["GZIP", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["identity", Buffer.from(text)],
    ["", Buffer.from(text)],
  ];

  it.each(ENCODINGS)("is decoded and searched: %j", async (encoding, body) => {
    const { answer } = await answered({
      body,
      headers: [
        ["content-encoding", encoding],
        ["x-kept", "1"],
      ],
    });
    expect(answer.body).toBe(`your key is ${MASK}`);
    expect(valuesOf(answer.headers, "x-kept")).toEqual(["1"]);
  });

  it("loses the headers that are no longer true", async () => {
    const { answer } = await answered({
      body: gzipSync(text),
      headers: [
        ["Content-Encoding", "gzip"],
        ["Content-Length", "70"],
      ],
    });
    expect(answer.headers).toEqual([]);
  });

  it.each(["zstd", "gzip, br", "compress", "constructor", "__proto__"])("ends in 502 when it cannot be read: %s", async (encoding) => {
    const { answer, upstream } = await answered({ body: "secret", headers: [["content-encoding", encoding]] });
    expect(answer).toMatchObject({ status: 502, code: "RESPONSE_UNSCRUBBABLE" });
    expect(upstream.bodies[0]?.destroyed).toBe(true);
  });

  it("ends in 502 when it is told twice", async () => {
    const { answer } = await answered({
      headers: [
        ["content-encoding", "gzip"],
        ["content-encoding", "gzip"],
      ],
    });
    expect(answer).toMatchObject({ status: 502, code: "RESPONSE_UNSCRUBBABLE" });
  });

  it("breaks off when the bytes are not what they are said to be", async () => {
    const { answer } = await answered({ body: "no gzip at all", headers: [["content-encoding", "gzip"]] });
    expect(answer.complete).toBe(false);
  });

  it("breaks off past 256 MiB decoded", async () => {
    const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024), { level: 1 });
    const { door, upstream, ask } = testDoor();
    upstream.respond = () => ({ body: bomb, headers: [["content-encoding", "gzip"]] });
    expect((await ask()).complete).toBe(false);
    expect(door.load.calls).toBe(0);
  });

  it.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ])("is not decoded where there is no body: %s %i", async (method, status) => {
    const { answer } = await answered({ status, headers: [["content-encoding", "gzip"]] }, { method });
    expect(answer).toMatchObject({ status, body: "", complete: true });
  });
});

describe("the headers", () => {
  it("come back with the credential masked in values and names", async () => {
    const { ask, secrets, upstream, metrics } = testDoor();
    const token = "tokenlike-0123456789";
    secrets.put("api-key", token);
    upstream.respond = () => ({
      headers: [
        ["x-echo", `<${token}>`],
        [`x-${token}`, "1"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
    });
    expect((await ask()).headers).toEqual([
      ["x-echo", `<${"*".repeat(20)}>`],
      [`x-${"*".repeat(20)}`, "1"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    expect(metrics.total("sallyport_scrubbed_total")).toBe(2);
  });

  it("come back in every form masked", async () => {
    for (const { form, bytes } of canaryForms(API_KEY)) {
      const { answer } = await answered({ headers: [["location", `https://elsewhere.example/?key=${bytes.toString("latin1")}`]] });
      expectNoCanary(form, JSON.stringify(answer.headers), [API_KEY]);
    }
  });

  it("come back without the hop's own, those it names, and ours", async () => {
    const { answer } = await answered({
      headers: [
        ["Connection", "x-hop"],
        ["X-Hop", "1"],
        ["Keep-Alive", "timeout=5"],
        ["Transfer-Encoding", "chunked"],
        ["Sallyport-Id", "1"],
        ["x-end", "1"],
      ],
    });
    expect(answer.headers).toEqual([["x-end", "1"]]);
  });

  it("bring a redirect back unfollowed", async () => {
    const { answer, upstream } = await answered({ status: 307, headers: [["location", "https://elsewhere.example/"]] });
    expect(answer).toMatchObject({ status: 307, headers: [["location", "https://elsewhere.example/"]] });
    expect(upstream.sent).toHaveLength(1);
  });
});
