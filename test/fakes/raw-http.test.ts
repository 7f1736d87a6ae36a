import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "./certificates.js";
import { sendRaw } from "./raw-http.js";

/** Listens on loopback for the test; `serve` gets each connection. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    serve(socket);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("sendRaw", () => {
  it("sends exactly the bytes given, text as Latin-1", async () => {
    const received: Buffer[] = [];
    const port = await listen((socket) => socket.on("data", (chunk) => received.push(chunk) && socket.end("HTTP/1.1 400 Bad\r\n\r\n")));
    await sendRaw({ port }, "GET /\xff HTTP/1.1\nHost: a\r\nhost : b\r\n\r\n");
    expect(Buffer.concat(received).toString("latin1")).toBe("GET /\xff HTTP/1.1\nHost: a\r\nhost : b\r\n\r\n");
    received.length = 0;
    await sendRaw({ port }, new Uint8Array([0, 255, 13]));
    expect(Buffer.concat(received)).toEqual(Buffer.from([0, 255, 13]));
  });

  it("parses status and headers of the first answer and keeps the bytes of all", async () => {
    const wire = "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:2\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 No\r\nX-B: 3\r\n\r\n\xff";
    const port = await listen((socket) => socket.on("data", () => socket.end(wire, "latin1")));
    const answer = await sendRaw({ port }, "x");
    expect(answer).toMatchObject({ status: 200, text: wire, closed: true });
    expect({ ...answer.headers }).toEqual({ "x-a": "1, 2", "content-length": "2" });
    expect(answer.bytes).toEqual(Buffer.from(wire, "latin1"));
  });

  it("says that the peer kept the connection open", async () => {
    const port = await listen((socket) => socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n")));
    expect(await sendRaw({ port, quietMs: 30 }, "x")).toMatchObject({ status: 200, closed: false });
  });

  it("waits for an answer that comes in pieces", async () => {
    const port = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      setTimeout(() => socket.end("\r\nlate"), 40);
    });
    expect(await sendRaw({ port, quietMs: 5000 }, "x")).toMatchObject({ status: 200, text: "HTTP/1.1 200 OK\r\n\r\nlate", closed: true });
  });

  it("gives up on a silent peer and reports no status", async () => {
    const port = await listen(() => {});
    expect(await sendRaw({ port, timeoutMs: 30 }, "x")).toMatchObject({ status: undefined, text: "", headers: {}, closed: false });
  });

  it("reports a reset as closed, with what came before", async () => {
    const port = await listen((socket) => socket.on("data", () => socket.resetAndDestroy()));
    expect(await sendRaw({ port }, "x")).toMatchObject({ status: undefined, closed: true });
  });

  it("calls from the source address asked for", async () => {
    const port = await listen((socket) => socket.end(`HTTP/1.1 200 OK\r\nx-from: ${socket.remoteAddress}\r\n\r\n`));
    expect((await sendRaw({ port, localAddress: "127.0.0.2" }, "x")).headers["x-from"]).toBe("127.0.0.2");
  });

  it("speaks TLS, verifies the server and rejects when it cannot connect", async () => {
    const authority = await createAuthority("Test Root");
    const { certificatePem, privateKeyPem } = await authority.issue({ commonName: "server", dnsNames: ["server.example"] });
    const server = createTlsServer({ cert: certificatePem, key: privateKeyPem }, (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"));
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const tls = { ca: authority.certificatePem, servername: "server.example" };
    expect(await sendRaw({ port, tls }, "x")).toMatchObject({ status: 204, closed: true });
    await expect(sendRaw({ port, tls: { ...tls, servername: "other.example" } }, "x")).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("rejects when nobody listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(sendRaw({ port }, "x")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
