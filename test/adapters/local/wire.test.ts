/** THREATS 11, 21, fault 6: bytes that are not one request in one reading end in an answer, a closed connection, and no call. */
import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { TOKEN } from "../../fakes/door.js";
import { raw, SERVER_NAME, sharedAuthority, signedBytes, testGateway } from "../../fakes/gateway.js";

const start = (options: Parameters<typeof testGateway>[0] = {}) => testGateway(options, onTestFinished);

const AUTH = "Authorization: Bearer TOKEN\r\n";
const post = (headers: string, body = "") => `POST /api/v1/charges HTTP/1.1\r\nHost: HOST\r\n${AUTH}${headers}\r\n${body}`;
const get = (target: string, headers = "") => `GET ${target} HTTP/1.1\r\nHost: HOST\r\n${AUTH}${headers}\r\n`;

// biome-ignore format: one row a request
const MALFORMED: readonly (readonly [title: string, bytes: string])[] = [
  ["no Host", `GET /api/v1/charges HTTP/1.1\r\n${AUTH}\r\n`],
  ["a second Host", get("/api/v1/charges", "Host: HOST\r\n")],
  ["a second Host that disagrees", get("/api/v1/charges", "Host: evil.example\r\n")],
  ["an absolute-form target", get("http://HOST/api/v1/charges")],
  ["an absolute-form target elsewhere", get("https://evil.example/api/v1/charges")],
  ["an asterisk", `OPTIONS * HTTP/1.1\r\nHost: HOST\r\n${AUTH}\r\n`],
  ["Content-Length and Transfer-Encoding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")],
  ["two Content-Lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x")],
  ["two Content-Lengths that disagree", post("Content-Length: 1\r\nContent-Length: 2\r\n", "xy")],
  ["a Content-Length with a sign", post("Content-Length: +1\r\n", "x")],
  ["a Content-Length in hex", post("Content-Length: 0x1\r\n", "x")],
  ["a Transfer-Encoding that is not chunked last", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n")],
  ["a Transfer-Encoding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")],
  ["a Transfer-Encoding with a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n")],
  ["a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")],
  ["an underscore in a framing header", post("Transfer_Encoding: chunked\r\n", "0\r\n\r\n")],
  ["a folded header", get("/api/v1/charges", "X-A: 1\r\n folded\r\n")],
  ["a header without a colon", get("/api/v1/charges", "no colon here\r\n")],
  ["a bare LF after a header", get("/api/v1/charges", "X-A: 1\n")],
  ["a bare CR in a header", get("/api/v1/charges", "X-A: 1\rX-B: 2\r\n")],
  ["bare LFs alone", `GET /api/v1/charges HTTP/1.1\nHost: HOST\n\n`],
  ["a NUL in a header", get("/api/v1/charges", "X-A: \0\r\n")],
  ["a byte outside ASCII in a header", get("/api/v1/charges", "X-A: \xe9\r\n")],
  ["a byte outside ASCII in the target", get("/api/v1/\xe9")],
  ["a dot segment", get("/api/v1/../v2")],
  ["HTTP/0.9", "GET /api/v1/charges\r\n\r\n"],
  ["HTTP/1.2", get("/api/v1/charges").replace("HTTP/1.1", "HTTP/1.2")],
  ["HTTP/2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["an expectation that nobody knows", get("/api/v1/charges", "Expect: teapot\r\n")],
  ["TRACE", get("/api/v1/charges").replace("GET", "TRACE")],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["an upgrade", get("/api/v1/charges", "Connection: Upgrade\r\nUpgrade: websocket\r\n")],
  ["an upgrade to h2c", get("/api/v1/charges", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n")],
  ["an upgrade that Connection does not name", get("/api/v1/charges", "Upgrade: websocket\r\n")],
  ["CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"],
];

describe("bytes that are not one request in one reading", () => {
  it.each(MALFORMED)("get 400 and the end of the connection: %s", async (_, bytes) => {
    const { port, upstream, audit, gateway } = await start();
    const smuggled = get("/api/v1/smuggled");
    const answer = await raw(port, bytes + smuggled);
    expect(answer).toMatchObject({ status: 400, closed: true });
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(upstream.connections).toBe(0);
    expect(audit.events).toMatchObject([{ kind: "denial", status: 400 }]);
    expect(gateway.door.load.calls).toBe(0);
  });

  it("get 400 when a chunk's size is wrong in a body that is hashed", async () => {
    const { port, upstream } = await start();
    const bytes = signedBytes(port, "/api/v1/charges", "nonce-0123456789", "x").replace("Content-Length: 1", "Transfer-Encoding: chunked");
    for (const body of ["zz\r\nx\r\n0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n", "-1\r\nx\r\n0\r\n\r\n", "1\nx\r\n0\r\n\r\n"]) {
      expect(await raw(port, bytes.replace(/\r\n\r\nx$/, `\r\n\r\n${body}`)), JSON.stringify(body)).toMatchObject({
        status: 400,
        closed: true,
      });
    }
    expect(upstream.connections).toBe(0);
  });

  it("never answer in the place of a call under way, which still gets its own answer", async () => {
    const { port, upstream } = await start();
    for (const garbage of ["GARBAGE\r\n\r\n", get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n")]) {
      const answer = await raw(port, get("/api/v1/slow") + garbage, { quietMs: 1500 });
      expect(answer).toMatchObject({ status: 200, closed: true });
      expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(answer.text.match(/slow /g)).toHaveLength(10);
    }
    expect(upstream.requests).toHaveLength(2);
  });

  it("never stand inside an answer that has begun", async () => {
    const { server } = await sharedAuthority();
    const early = createServer({ key: server.privateKeyPem, cert: server.certificatePem }, (_, response) => {
      response.writeHead(200).write("the first part");
    });
    await new Promise<void>((ready) => early.listen(0, "127.0.0.1", ready));
    onTestFinished(() => early.close().closeAllConnections());
    const { port } = await start({ route: { target: `https://${SERVER_NAME}:${(early.address() as AddressInfo).port}` } });

    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (piece) => {
      received += piece;
    });
    socket.write(post("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n").replace("HOST", `127.0.0.1:${port}`).replace("TOKEN", TOKEN));
    await expect.poll(() => received).toContain("the first part");
    socket.write("not the size of a chunk\r\n");
    await once(socket, "close");
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\ne\r\nthe first part\r\n$/);
  });
});

describe("requests in one packet", () => {
  it("are cut off when there are more than 32", async () => {
    const { port, upstream } = await start();
    const answer = await raw(port, get("/api/v1/hang").repeat(40), { quietMs: 1000 });
    expect([answer.text, answer.closed]).toEqual(["", true]);
    expect(upstream.requests.length).toBeLessThanOrEqual(1);
  });

  it("get two answers in their order", async () => {
    const { port, upstream } = await start();
    const { text } = await raw(port, get("/api/v1/slow") + post("Content-Length: 3\r\n", "abc"), { quietMs: 1500 });
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(text.indexOf("slow slow")).toBeLessThan(text.indexOf('"bodyBytes":3'));
    expect(upstream.requests).toHaveLength(2);
  });
});

describe("sizes and times", () => {
  it("answers 431 for headers past the door's limit and past the parser's", async () => {
    const { port, upstream, audit } = await start();
    for (const bytes of [17_000, 40_000]) {
      expect(await raw(port, get("/api/v1/charges", `X-A: ${"a".repeat(bytes)}\r\n`)), String(bytes)).toMatchObject({ status: 431 });
    }
    expect(await raw(port, get(`/api/v1/${"a".repeat(9000)}`))).toMatchObject({ status: 431 });
    expect(audit.events).toMatchObject(Array(3).fill({ reason: "HEADERS_TOO_LARGE" }));
    expect(upstream.connections).toBe(0);
  });

  it("answers 408 to headers that do not arrive in time", async () => {
    const { port, audit, gateway } = await start({ requestTimeoutMs: 100 });
    const answer = await raw(port, "GET /api/v1/charges HTTP/1.1\r\nHost: HO");
    expect(answer).toMatchObject({ status: 408, closed: true });
    expect(JSON.parse(answer.text.split("\r\n\r\n")[1]!)).toMatchObject({ type: "urn:sallyport:error:request_timeout", status: 408 });
    expect(audit.events).toMatchObject([{ reason: "REQUEST_TIMEOUT" }]);
    expect(gateway.door.load.calls).toBe(0);
  });

  it("answers 408 to a body that must be hashed and does not arrive in time", async () => {
    const { port, upstream, gateway } = await start({ requestTimeoutMs: 100 });
    const bytes = signedBytes(port, "/api/v1/charges", "nonce-0123456789", "x=1").slice(0, -1);
    expect(await raw(port, bytes)).toMatchObject({ status: 408, closed: true });
    expect(upstream.connections).toBe(0);
    await expect.poll(() => gateway.door.load.calls).toBe(0);
  });

  it("answers 413 while the body is still being sent, and does not reset the connection under the answer", async () => {
    const { port, upstream, gateway } = await start({ route: { limits: { maxBodyBytes: 1000 } } });
    const chunk = `${(2000).toString(16)}\r\n${"x".repeat(2000)}\r\n`;
    const head = signedBytes(port, "/api/v1/charges", "nonce-0123456789", "x").replace("Content-Length: 1", "Transfer-Encoding: chunked");
    const socket = connect(port, "127.0.0.1");
    const errors: Error[] = [];
    socket.on("error", (error) => errors.push(error)).write(head.slice(0, -1) + chunk);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    for (let round = 0; round < 100; round++) {
      socket.write(chunk);
      await new Promise(setImmediate);
    }
    socket.write("0\r\n\r\n");
    await once(socket, "close");
    expect(errors).toEqual([]);
    expect(upstream.connections).toBe(0);
    await expect.poll(() => gateway.door.load.calls).toBe(0);
  });

  it("takes the next request over the same connection after a refused one with a small body", async () => {
    const { port } = await start();
    const { text } = await raw(port, `${post("Content-Length: 5\r\n", "hello").replace("/v1/", "/v2/")}${get("/api/v1/charges")}`);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 403", "HTTP/1.1 200"]);
  });
});
