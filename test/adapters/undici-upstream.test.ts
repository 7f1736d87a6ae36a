/** THREATS 1, faults 4, 5, 10: the checked address is dialled, the policy's name verified, and there is no insecure switch. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { undiciUpstream } from "../../lib/adapters/undici-upstream.js";
import type { UpstreamRequest } from "../../lib/pipeline/message.js";
import type { Destination } from "../../lib/pipeline/upstream.js";
import { SecretValue } from "../../lib/secret-value.js";
import { type Authority, createAuthority } from "../fakes/certificates.js";
import { SERVER_NAME, sharedAuthority } from "../fakes/gateway.js";
import { headerValues } from "../fakes/recorded-request.js";
import { startUpstream, type UpstreamOptions } from "../fakes/upstream.js";

const GET: UpstreamRequest = { method: "GET", target: "/v1/charges", headers: [["host", SERVER_NAME]], body: undefined };
const DAY_MS = 86_400_000;

let authority: Authority;
let clients: Authority;
beforeAll(async () => {
  [{ authority }, clients] = await Promise.all([sharedAuthority(), createAuthority("Client Root")]);
});

async function start(options: Partial<UpstreamOptions> = {}, certificate: object = { dnsNames: [SERVER_NAME] }, issuer = authority) {
  const { certificatePem, privateKeyPem } = await issuer.issue({ commonName: SERVER_NAME, ...certificate });
  const server = await startUpstream({ key: privateKeyPem, cert: certificatePem, ...options });
  const upstream = undiciUpstream({ ca: authority.certificatePem });
  onTestFinished(async () => {
    await upstream.close();
    await server.close();
  });
  const destination: Destination = {
    scheme: "https",
    host: SERVER_NAME,
    port: server.port,
    address: "127.0.0.1",
    clientCertificate: undefined,
  };
  const send = (request: Partial<UpstreamRequest> = {}, to: Partial<Destination> = {}, deadlineMs = 20_000) =>
    upstream.send({ ...destination, ...to }, { ...GET, ...request }, deadlineMs);
  return { server, send, destination, upstream };
}

const issueClient = async (version: string, commonName = "door") => {
  const { certificatePem, privateKeyPem } = await clients.issue({ commonName, client: true });
  return { name: "client", version, pem: new SecretValue(`${certificatePem}\n${privateKeyPem}`) };
};

describe("the upstream's certificate", () => {
  it("must carry the policy's name, which SNI also asks for", async () => {
    const { send, server } = await start();
    expect((await send()).status).toBe(200);
    expect(server.requests[0]?.serverName).toBe(SERVER_NAME);
  });

  it("may carry an address where the target is one, and SNI names none", async () => {
    const { send, server } = await start({}, { ipAddresses: ["127.0.0.1"] });
    expect((await send({}, { host: "127.0.0.1" })).status).toBe(200);
    expect(server.requests[0]?.serverName).toBeUndefined();
  });

  const WRONG: readonly (readonly [string, () => Promise<Parameters<typeof start>>])[] = [
    ["is for another name", async () => [{}, { dnsNames: ["other.example.com"] }]],
    ["is for the address that was dialled", async () => [{}, { commonName: "127.0.0.1", ipAddresses: ["127.0.0.1"] }]],
    [
      "has expired",
      async () => [{}, { dnsNames: [SERVER_NAME], notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }],
    ],
    ["is not valid yet", async () => [{}, { dnsNames: [SERVER_NAME], notBefore: new Date(Date.now() + DAY_MS) }]],
    ["comes from an authority that is not trusted", async () => [{}, { dnsNames: [SERVER_NAME] }, await createAuthority("Another Root")]],
    ["is for clients", async () => [{}, { dnsNames: [SERVER_NAME], client: true }]],
  ];

  it.each(WRONG)("ends the call when it %s", async (_, arrange) => {
    const { send, server } = await start(...(await arrange()));
    await expect(send()).rejects.toMatchObject({
      code: "UPSTREAM_TLS",
      details: { host: SERVER_NAME, address: "127.0.0.1", port: server.port },
    });
    expect(server.requests).toEqual([]);
  });

  it("is needed: an upstream that speaks no TLS ends the call", async () => {
    const plain = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    onTestFinished(() => void plain.close());
    const { send } = await start();
    await expect(send({}, { port: (plain.address() as AddressInfo).port })).rejects.toMatchObject({ code: "UPSTREAM_TLS" });
  });

  it("of a public authority only is trusted without a CA of one's own", async () => {
    const { destination } = await start();
    const upstream = undiciUpstream();
    onTestFinished(() => upstream.close());
    await expect(upstream.send(destination, GET, 20_000)).rejects.toMatchObject({ code: "UPSTREAM_TLS" });
  });
});

describe("the client certificate", () => {
  it("is presented, in the version that was given", async () => {
    const { send, server } = await start({ clientCa: clients.certificatePem });
    const first = await issueClient("v1", "first");
    for (const clientCertificate of [first, first, await issueClient("v2", "second")])
      await text((await send({}, { clientCertificate })).body);
    expect(server.requests.map(({ clientCommonName }) => clientCommonName)).toEqual(["first", "first", "second"]);
  });

  it("is not lent to a call without one", async () => {
    const { send } = await start({ clientCa: clients.certificatePem });
    await text((await send({}, { clientCertificate: await issueClient("v1") })).body);
    expect((await send()).status).toBe(403);
  });

  const UNUSABLE = [
    ["no PEM", async () => "not a certificate at all"],
    ["a certificate without its key", async () => (await clients.issue({ commonName: "door" })).certificatePem],
    [
      "a certificate and another key",
      async () => (await clients.issue({ commonName: "a" })).certificatePem + (await clients.issue({ commonName: "b" })).privateKeyPem,
    ],
  ] as const;

  it.each(UNUSABLE)("ends the call when it is %s, and says nothing of its value", async (_, pem) => {
    const { send, server } = await start({ clientCa: clients.certificatePem });
    const value = await pem();
    const fault = await send({}, { clientCertificate: { name: "client", version: "v1", pem: new SecretValue(value) } }).catch(
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({ code: "CERTIFICATE_UNUSABLE", details: { certificate: "client" } });
    expect(JSON.stringify([fault, String(fault)])).not.toContain(value.slice(30, 60) || "not a certificate");
    expect(server.connections).toBe(0);
  });
});

describe("what is sent", () => {
  it("arrives as it was built: method, target, headers in order, body", async () => {
    const { send, server } = await start();
    const headers: [string, string][] = [
      ["host", "other.example"],
      ["X-A", "1"],
      ["x-a", "2"],
      ["content-length", "3"],
    ];
    await send({
      method: "POST",
      target: "/a%2Fb/..%2e/?x=%7e&&y",
      headers,
      body: Readable.from([Buffer.from("abc")], { objectMode: false }),
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", target: "/a%2Fb/..%2e/?x=%7e&&y", serverName: SERVER_NAME, complete: true });
    expect(request?.body.toString()).toBe("abc");
    expect([headerValues(request!, "host"), headerValues(request!, "x-a")]).toEqual([["other.example"], ["1", "2"]]);
    expect([headerValues(request!, "content-length"), headerValues(request!, "transfer-encoding")]).toEqual([["3"], []]);
  });

  it("goes over connections that are kept", async () => {
    const { send, server } = await start();
    for (let round = 0; round < 20; round++) await text((await send()).body);
    expect(server.connections).toBeLessThan(20);
  });
});

describe("what comes back", () => {
  it("keeps duplicates, order and bytes of headers", async () => {
    const { send } = await start({
      respond:
        () =>
        ({ response }) =>
          void response.writeHead(200, ["Set-Cookie", "a=1", "set-cookie", "b=2", "X-Latin", "\xe9"]).end(),
    });
    const { headers } = await send();
    expect(headers.filter(([name]) => /cookie|latin/i.test(name))).toEqual([
      ["Set-Cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["X-Latin", "\xe9"],
    ]);
  });

  it.each([301, 302, 303, 307, 308])("is a redirect like any other answer: %i", async (status) => {
    const { send, server } = await start({
      respond:
        () =>
        ({ response }) =>
          void response.writeHead(status, { location: "/elsewhere" }).end(),
    });
    expect((await send()).status).toBe(status);
    expect(server.requests).toHaveLength(1);
  });

  it.each(["reset", "truncate"])("breaks off where the upstream does: %s", async (behaviour) => {
    const { send } = await start();
    const { body } = await send({ target: `/${behaviour}` });
    await expect(buffer(body)).rejects.toThrow();
  });
});

describe("an upstream that fails", () => {
  it("by not answering ends the call at its deadline", async () => {
    const { send, server } = await start();
    await expect(send({ target: "/hang" }, {}, 100)).rejects.toMatchObject({ code: "UPSTREAM_TIMEOUT" });
    expect(server.requests).toHaveLength(1);
  });

  it("by taking longer than an answer may in all breaks off", async () => {
    const { destination, server } = await start();
    const upstream = undiciUpstream({ ca: authority.certificatePem, bodyTotalMs: 200 });
    const { body } = await upstream.send(destination, { ...GET, target: "/endless" }, 20_000);
    body.resume();
    await expect(once(body, "close")).rejects.toMatchObject({ code: "UPSTREAM_TIMEOUT" });
    await upstream.close();
    expect(server.requests).toHaveLength(1);
  });

  it("holds up nobody else: 200 answers that do not end leave room for the next", async () => {
    const { send, server } = await start({
      respond: ({ target }) => (target === "/held" ? ({ response }) => void response.flushHeaders() : undefined),
    });
    const held = await Promise.all(Array.from({ length: 200 }, () => send({ target: "/held" })));
    expect(await send()).toMatchObject({ status: 200 });
    expect(server.connections).toBeGreaterThan(200);
    for (const { body } of held) body.destroy();
  });

  it("may have its answer given up before anyone listens", async () => {
    const { send } = await start();
    const { body } = await send({ target: "/large" });
    body.destroy();
    await new Promise((closed) => body.once("close", closed));
    expect(await send()).toMatchObject({ status: 200 });
  });

  it("by refusing the connection is unreachable", async () => {
    const { send, server } = await start();
    await server.close();
    await expect(send()).rejects.toMatchObject({ code: "UPSTREAM_UNREACHABLE" });
  });

  it("by closing before it answers is reset, and the request is not sent again", async () => {
    const { send, server } = await start({
      respond:
        () =>
        ({ reset }) =>
          reset(),
    });
    for (const method of ["GET", "POST"]) await expect(send({ method })).rejects.toMatchObject({ code: "UPSTREAM_RESET" });
    expect(server.requests).toHaveLength(2);
  });

  it("by speaking another protocol is reset", async () => {
    const noise = createTcpServer((socket) => socket.on("error", () => {}).end("220 mail.example ESMTP\r\n")).listen(0, "127.0.0.1");
    onTestFinished(() => void noise.close());
    const { send } = await start();
    const { port } = noise.address() as AddressInfo;
    await expect(send({}, { scheme: "http", port })).rejects.toMatchObject({ code: "UPSTREAM_RESET" });
  });
});
