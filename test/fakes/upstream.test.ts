import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { canary, canaryForms, findCanary } from "./canary.js";
import { type Authority, createAuthority, type IssuedCertificate } from "./certificates.js";
import { sendRaw } from "./raw-http.js";
import { startUpstream, type Upstream, type UpstreamOptions } from "./upstream.js";
import { BEHAVIOURS } from "./upstream-behaviours.js";

const SERVER_NAME = "api.example";
const SECRET = canary("upstream");
const BEARER = { authorization: `Bearer ${SECRET}` };

let authority: Authority;
let clients: Authority;
let server: IssuedCertificate;

beforeAll(async () => {
  [authority, clients] = await Promise.all([createAuthority("Server Root"), createAuthority("Client Root")]);
  server = await authority.issue({ commonName: SERVER_NAME, dnsNames: [SERVER_NAME] });
});

async function start(options: Omit<UpstreamOptions, "key" | "cert"> = {}): Promise<Upstream> {
  const upstream = await startUpstream({ key: server.privateKeyPem, cert: server.certificatePem, ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingMessage["headers"];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: Buffer;
}

/** Opens a verified TLS connection for one request and resolves when the head of the answer is there. */
function open({ port }: Upstream, path: string, options: RequestOptions & { body?: string } = {}): Promise<IncomingMessage> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port, path, ca: authority.certificatePem, servername: SERVER_NAME, agent: false, ...rest },
      resolve,
    );
    call.on("error", reject);
    call.end(body);
    onTestFinished(() => void call.destroy());
  });
}

async function call(upstream: Upstream, path: string, options?: Parameters<typeof open>[2]): Promise<Answer> {
  const answer = await open(upstream, path, options);
  const body = await buffer(answer);
  return { status: answer.statusCode!, statusText: answer.statusMessage!, headers: answer.headers, trailers: answer.trailers, body };
}

const json = ({ body }: Answer) => JSON.parse(body.toString());
const clientCertificate = async (issuer: Authority, commonName: string) => {
  const { certificatePem, privateKeyPem } = await issuer.issue({ commonName, client: true });
  return { cert: certificatePem, key: privateKeyPem };
};

describe("startUpstream", () => {
  it("answers 200 by default and records the request as it arrived", async () => {
    const upstream = await start();
    const wire =
      "PUT /v1/a%2Fb?x=%7e&&y HTTP/1.1\r\nHOST: h\r\nx-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x00\xffok";
    const answer = await sendRaw({ port: upstream.port, tls: { ca: authority.certificatePem, servername: SERVER_NAME } }, wire);
    expect(answer).toMatchObject({ status: 200, closed: true });
    expect(answer.text).toMatch(/\{"ok":true,"method":"PUT","bodyBytes":4\}$/);
    expect(upstream.requests).toEqual([
      {
        method: "PUT",
        target: "/v1/a%2Fb?x=%7e&&y",
        rawHeaders: ["HOST", "h", "x-Twice", "1", "X-Twice", "2", "Content-Length", "4", "Connection", "close"],
        body: Buffer.from("\x00\xffok", "latin1"),
        complete: true,
        clientCommonName: undefined,
        serverName: SERVER_NAME,
      },
    ]);
  });

  it("counts connections, also one that sends nothing or fails in the handshake", async () => {
    const upstream = await start();
    expect(upstream.connections).toBe(0);
    await call(upstream, "/");
    expect(upstream.connections).toBe(1);
    await sendRaw({ port: upstream.port, timeoutMs: 500 }, "not TLS");
    expect(upstream.connections).toBe(2);
    await expect(call(upstream, "/", { servername: "other.example" })).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(upstream.connections).toBe(3);
    expect(upstream.requests).toHaveLength(1);
  });

  it("records a request that broke off as incomplete", async () => {
    const upstream = await start();
    const tls = { ca: authority.certificatePem, servername: SERVER_NAME };
    await sendRaw({ port: upstream.port, tls, timeoutMs: 500 }, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfive5");
    expect(upstream.requests).toMatchObject([{ method: "POST", complete: false, body: Buffer.alloc(0) }]);
  });

  it("says 401 and which check failed when the bearer is missing, wrong or doubled", async () => {
    const upstream = await start({ expectations: { bearer: SECRET } });
    const failures = await Promise.all(
      [{}, { authorization: "Bearer other" }, { authorization: SECRET }].map((headers) => call(upstream, "/", { headers })),
    );
    expect(failures.map((answer) => [answer.status, json(answer)])).toEqual([
      [401, { failedCheck: "bearer", reason: "0 Authorization headers instead of one" }],
      [401, { failedCheck: "bearer", reason: "the bearer token is wrong" }],
      [401, { failedCheck: "bearer", reason: "the bearer token is wrong" }],
    ]);
    const doubled = `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${SECRET}\r\nauthorization: Bearer ${SECRET}\r\nConnection: close\r\n\r\n`;
    const answer = await sendRaw({ port: upstream.port, tls: { ca: authority.certificatePem, servername: SERVER_NAME } }, doubled);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("2 Authorization headers instead of one");
    expect(findCanary(answer.bytes, [SECRET])).toEqual([]);
    expect((await call(upstream, "/", { headers: BEARER })).status).toBe(200);
  });

  it("says 403 when the client certificate is absent, of another authority or of another name", async () => {
    const upstream = await start({ clientCa: clients.certificatePem, expectations: { clientCommonName: "door" } });
    const [door, other, forged] = await Promise.all([
      clientCertificate(clients, "door"),
      clientCertificate(clients, "other"),
      clientCertificate(authority, "door"),
    ]);
    const absent = { failedCheck: "client-certificate", reason: "no client certificate of the expected authority" };
    const judge = async (options: RequestOptions) => {
      const answer = await call(upstream, "/", options);
      return [answer.status, json(answer)];
    };
    expect(await judge({})).toEqual([403, absent]);
    expect(await judge(forged)).toEqual([403, absent]);
    expect(await judge(other)).toEqual([
      403,
      { failedCheck: "client-certificate", reason: "the client certificate is of other, not of door" },
    ]);
    expect(await judge(door)).toEqual([200, { ok: true, method: "GET", bodyBytes: 0 }]);
    expect(upstream.requests.map(({ clientCommonName }) => clientCommonName)).toEqual([undefined, undefined, "other", "door"]);
  });

  it("accepts every certificate of the authority when no name is expected", async () => {
    const upstream = await start({ clientCa: clients.certificatePem });
    expect((await call(upstream, "/", await clientCertificate(clients, "anyone"))).status).toBe(200);
    expect((await call(upstream, "/")).status).toBe(403);
  });

  it("says 403 with the reason when the signature does not verify over the whole request", async () => {
    const sign = (body: string | Buffer) => createHmac("sha256", SECRET).update(body).digest("hex");
    const upstream = await start({
      expectations: {
        verifySignature: ({ rawHeaders, body }) => (rawHeaders.includes(sign(body)) ? undefined : "the digest differs"),
      },
    });
    const signed = { method: "POST", headers: { "x-signature": sign("payload") } };
    expect((await call(upstream, "/", { ...signed, body: "payload" })).status).toBe(200);
    const tampered = await call(upstream, "/", { ...signed, body: "Payload" });
    expect([tampered.status, json(tampered)]).toEqual([403, { failedCheck: "signature", reason: "the digest differs" }]);
  });

  it("lets `respond` choose the behaviour and leaves the rest to the path", async () => {
    const upstream = await start({
      respond: ({ method }) => (method === "DELETE" ? ({ response }) => void response.writeHead(418).end("short and stout") : undefined),
    });
    expect(await call(upstream, "/redirect", { method: "DELETE" })).toMatchObject({ status: 418, body: Buffer.from("short and stout") });
    expect((await call(upstream, "/redirect")).status).toBe(307);
  });

  it("answers 500 with the fault when a behaviour throws or a spelling is unknown", async () => {
    const upstream = await start({
      respond: ({ target }) => (target === "/throw" ? () => Promise.reject(new Error("by design")) : undefined),
    });
    for (const [path, fault] of [
      ["/throw", "by design"],
      ["/echo-body.klingon", "no spelling is named klingon"],
    ] as const) {
      const answer = await call(upstream, path);
      expect([answer.status, json(answer)]).toEqual([500, { fault }]);
    }
  });

  it("gives a name outside the table, and a name that every object has, the default answer", async () => {
    const upstream = await start();
    for (const path of ["/report.pdf", "/constructor", "/__proto__", "/redirect/more"])
      expect((await call(upstream, path)).status).toBe(200);
  });

  it("closes with connections still open, and then refuses", async () => {
    const upstream = await startUpstream({ key: server.privateKeyPem, cert: server.certificatePem });
    const hanging = call(upstream, "/hang");
    const broken = expect(hanging).rejects.toMatchObject({ code: "ECONNRESET" });
    while (upstream.requests.length === 0) await new Promise(setImmediate);
    await upstream.close();
    await broken;
    await expect(call(upstream, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("echo behaviours", () => {
  const text = (data: string | undefined | string[]) => Buffer.from(String(data), "latin1");
  const places: Record<string, (answer: Answer) => Buffer> = {
    "echo-status": ({ statusText }) => text(statusText),
    "echo-header": ({ headers }) => text(headers["x-echo"]),
    "echo-body": ({ body }) => body,
    "echo-error": ({ body }) => body,
    "echo-redirect": ({ headers }) => text(headers.location),
    "echo-split": ({ body }) => body,
    "echo-trailer": ({ trailers }) => text(trailers["x-echo"]),
    "echo-gzip": ({ body }) => gunzipSync(body),
    "echo-deflate": ({ body }) => inflateSync(body),
    "echo-brotli": ({ body }) => brotliDecompressSync(body),
  };

  it("are all tested here", () => {
    expect(Object.keys(places)).toEqual(Object.keys(BEHAVIOURS).filter((name) => name.startsWith("echo-")));
  });

  it.each(Object.entries(places))("%s leaks every spelling of the credential where it says", async (name, place) => {
    const upstream = await start();
    for (const { form, bytes } of canaryForms(SECRET)) {
      const answer = await call(upstream, `/v1/${name}.${form}?a=b/c`, { headers: BEARER });
      expect(place(answer).includes(bytes), form).toBe(true);
      expect(findCanary(place(answer), [SECRET]), form).toHaveLength(1);
    }
  });

  it.each([
    [BEARER, SECRET],
    [{ "x-api-key": SECRET }, SECRET],
    [{ authorization: "Basic dXNlcjpwYXNzd29yZA==" }, "dXNlcjpwYXNzd29yZA=="],
    [{}, "no credential at all"],
  ])("echo what %j carries", async (headers, credential) => {
    const upstream = await start();
    expect((await call(upstream, "/echo-body", { headers })).body.toString()).toBe(`You sent ${credential}, thank you.`);
  });

  it("split the credential over several pieces", async () => {
    const upstream = await start();
    const chunks: Buffer[] = [];
    for await (const chunk of await open(upstream, "/echo-split", { headers: BEARER })) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.every((chunk) => findCanary(chunk, [SECRET]).length === 0)).toBe(true);
    expect(Buffer.concat(chunks).toString()).toBe(`You sent ${SECRET}, thank you.`);
  });
});

describe("other behaviours", () => {
  it("redirect elsewhere without the credential", async () => {
    const upstream = await start();
    const answer = await call(upstream, "/redirect", { headers: BEARER });
    expect(answer).toMatchObject({ status: 307, headers: { location: "https://elsewhere.example/landing" } });
  });

  it("hang without an answer", async () => {
    const upstream = await start();
    const wire = "GET /hang HTTP/1.1\r\nHost: h\r\n\r\n";
    const tls = { ca: authority.certificatePem, servername: SERVER_NAME };
    expect(await sendRaw({ port: upstream.port, tls, timeoutMs: 500 }, wire)).toMatchObject({ text: "", closed: false });
    expect(upstream.requests).toMatchObject([{ target: "/hang", complete: true }]);
  });

  it("stall after the first part of a body", async () => {
    const upstream = await start();
    const wire = "GET /stall HTTP/1.1\r\nHost: h\r\n\r\n";
    const tls = { ca: authority.certificatePem, servername: SERVER_NAME };
    const answer = await sendRaw({ port: upstream.port, tls }, wire);
    expect(answer).toMatchObject({ status: 200, closed: false });
    expect(answer.text).toMatch(/\r\n\r\nthe first part$/);
  });

  it.each(["reset", "truncate"])("%s in the middle of a body, which is then incomplete", async (name) => {
    const upstream = await start();
    const answer = await open(upstream, `/${name}`);
    expect(answer.statusCode).toBe(200);
    const chunks: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of answer) chunks.push(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(Buffer.concat(chunks).toString()).toBe("the first part");
    expect(answer.complete).toBe(false);
  });

  it("dawdle, and end", async () => {
    const upstream = await start();
    expect((await call(upstream, "/slow")).body.toString()).toBe("slow ".repeat(10));
  });

  it("stream without end, until the caller leaves", async () => {
    const upstream = await start();
    const answer = await open(upstream, "/endless");
    let received = "";
    for await (const chunk of answer) {
      received += chunk;
      if (received.length > 30) break;
    }
    expect(received).toMatch(/^(on and on ){3,}$/);
    expect(answer.complete).toBe(false);
  });

  it("stream server-sent events one by one", async () => {
    const upstream = await start();
    const answer = await open(upstream, "/sse");
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    const chunks: string[] = [];
    for await (const chunk of answer) chunks.push(String(chunk));
    expect(chunks).toEqual(["id: 0\ndata: one\n\n", "id: 1\ndata: two\n\n", "id: 2\ndata: three\n\n"]);
  });

  it("send a large body with its length", async () => {
    const upstream = await start();
    const { headers, body } = await call(upstream, "/large");
    expect([headers["content-length"], body.length]).toEqual([String(8 * 1024 * 1024), 8 * 1024 * 1024]);
    expect(body.subarray(0, 12).toString()).toBe("large large ");
  });

  it("send a small body that decompresses to 64 MiB", async () => {
    const upstream = await start();
    const { headers, body } = await call(upstream, "/gzip-bomb");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(body.length).toBeLessThan(80_000);
    expect(gunzipSync(body).length).toBe(64 * 1024 * 1024);
  });

  it.each(Object.keys(BEHAVIOURS).filter((name) => !name.startsWith("echo-") && !["hang", "endless", "large"].includes(name)))(
    "%s never sends the credential",
    async (name) => {
      const upstream = await start();
      const wire = `GET /${name} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${SECRET}\r\nConnection: close\r\n\r\n`;
      const tls = { ca: authority.certificatePem, servername: SERVER_NAME };
      const { bytes } = await sendRaw({ port: upstream.port, tls }, wire);
      expect(bytes.length).toBeGreaterThan(0);
      expect(findCanary(bytes, [SECRET])).toEqual([]);
    },
  );
});
