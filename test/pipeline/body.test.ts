/** A body is read at most once, never past its limit, and held only against a budget that all requests share. */
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { ByteBudget, RequestBody } from "../../lib/pipeline/request-body.js";
import { API_KEY, signed, testDoor, valuesOf } from "../fakes/door.js";

const pieces = (...texts: string[]): Readable =>
  Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );

const brokenOff = (text: string): Readable =>
  Readable.from(
    (async function* () {
      yield Buffer.from(text);
      throw new Error("aborted");
    })(),
    { objectMode: false },
  );

/** A signed request whose body arrives in pieces. */
const streamed = (text: string, ...parts: string[]) => ({ ...signed({ method: "POST", body: text }), body: pieces(...parts) });

describe("RequestBody", () => {
  it("reads its source once, however often it is asked", async () => {
    const body = new RequestBody(pieces("ab", "cd"));
    const budget = new ByteBudget(100);
    const [first, second] = await Promise.all([body.collect(budget), body.collect(budget)]);
    expect(Buffer.from(first as Uint8Array).toString()).toBe("abcd");
    expect(second).toBe(first);
    expect(await body.digest(budget)).toBe("88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589");
    expect(await body.forward()).toBe(first);
    expect(body.bytes).toBe(4);
  });

  it("knows the digest of no body", async () => {
    const body = new RequestBody();
    expect(await body.digest(new ByteBudget(0))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect([body.isEmpty, await body.forward()]).toEqual([true, undefined]);
  });

  it("passes a stream on piece by piece when nobody had to hash it", async () => {
    const body = new RequestBody(pieces("ab", "cd"));
    const seen: string[] = [];
    for await (const chunk of (await body.forward()) as Readable) seen.push(chunk.toString());
    expect([seen, body.bytes]).toEqual([["ab", "cd"], 4]);
  });

  it("keeps the smallest of its limits", () => {
    const body = new RequestBody(Buffer.from("12345"));
    expect(body.limit(5)).toBeUndefined();
    expect(body.limit(4)).toEqual({ denied: "BODY_TOO_LARGE", details: { maxBodyBytes: 4, bytes: 5 } });
    expect(body.limit(9)).toMatchObject({ denied: "BODY_TOO_LARGE" });
  });

  it("leaves a source that it stops reading open, for the answer goes over the same connection", async () => {
    for (const read of [
      (body: RequestBody) => body.collect(new ByteBudget(100)),
      async (body: RequestBody) => {
        for await (const _ of (await body.forward()) as Readable);
      },
    ]) {
      const source = pieces("12345", "6");
      const body = new RequestBody(source);
      body.limit(3);
      await Promise.resolve(read(body)).catch(() => {});
      expect(source.destroyed).toBe(false);
    }
  });

  it("gives back to the budget what it held, once", async () => {
    const budget = new ByteBudget(4);
    const body = new RequestBody(pieces("abcd"));
    await body.collect(budget);
    expect(budget.take(1)).toBe(false);
    body.release();
    body.release();
    expect([budget.take(4), budget.take(1)]).toEqual([true, false]);
  });
});

describe("the body of a call", () => {
  it("verifies a signature over a body that arrives in pieces, and sends exactly these bytes", async () => {
    const { send, upstream } = testDoor();
    expect(await send(streamed("hello world", "hello", " world"))).toMatchObject({ status: 200 });
    expect(upstream.sent[0]?.body.toString()).toBe("hello world");
  });

  it("refuses a chunked body past the route's limit, whether it is hashed or streamed", async () => {
    const policy = { routes: { api: { owner: "team-test", target: "https://api.example.com", limits: { maxBodyBytes: 5 } } } };
    const { send, ask, audit } = testDoor({ policy });
    expect(await send(streamed("123456", "123", "456"))).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(await ask({ method: "POST", body: pieces("123", "456") })).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(audit.events).toMatchObject([
      { kind: "denial", details: { maxBodyBytes: 5, bytes: 6 } },
      { kind: "outcome", details: { maxBodyBytes: 5, bytes: 6 } },
    ]);
  });

  it("answers 503 past the byte budget, and takes the next once the bytes are given back", async () => {
    const { send, door } = testDoor({ limits: { bodyBudgetBytes: 5 } });
    const answer = await send(streamed("123456", "123", "456"));
    expect(answer).toMatchObject({ status: 503, code: "OVERLOADED" });
    expect(door.bodyBudget.take(5)).toBe(true);
    door.bodyBudget.give(5);
    expect(await send(streamed("12345", "12345"))).toMatchObject({ status: 200 });
    expect(door.bodyBudget.take(5)).toBe(true);
  });

  it("does not count a body that needs no hash", async () => {
    const { ask, upstream } = testDoor({ limits: { bodyBudgetBytes: 1 } });
    expect(await ask({ method: "POST", body: pieces("123456") })).toMatchObject({ status: 200 });
    expect(upstream.sent[0]?.body.toString()).toBe("123456");
  });

  it("blames the client, not the upstream, for a body that breaks off", async () => {
    const { send, ask, audit, upstream } = testDoor();
    expect(await send({ ...signed({ method: "POST", body: "ab" }), body: brokenOff("a") })).toMatchObject({ code: "REQUEST_MALFORMED" });
    expect(await ask({ method: "POST", body: brokenOff("a") })).toMatchObject({ code: "REQUEST_MALFORMED" });
    expect(audit.events[0]?.details).toEqual({ what: "the body broke off", bytes: 1, cause: "Error: aborted" });
    expect(upstream.sent).toEqual([]);
  });

  it("tells the upstream the length that the client told, and none for a chunked body", async () => {
    const { ask, upstream } = testDoor();
    await ask({ method: "POST", body: pieces("abc"), declaredBytes: 3, headers: [["content-length", "3"]] });
    await ask({ method: "POST", body: pieces("abc"), headers: [["transfer-encoding", "chunked"]] });
    expect(upstream.sent.map(({ headers }) => valuesOf(headers, "content-length"))).toEqual([["3"], []]);
    expect(upstream.sent.map(({ headers }) => valuesOf(headers, "transfer-encoding"))).toEqual([[], []]);
  });

  it("writes the size of the body down, and never the body", async () => {
    const { ask, audit } = testDoor();
    await ask({ method: "POST", body: `secret stuff ${API_KEY}` });
    expect(audit.events[0]).toMatchObject({ requestBytes: 13 + API_KEY.length });
    expect(JSON.stringify(audit.events)).not.toContain("secret stuff");
  });
});
