/** The gateway end to end: real sockets, real TLS to the upstream, nothing but the stores in memory. */
import { Agent } from "node:http";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { startGateway } from "../../../lib/adapters/local/gateway.js";
import type { Listener } from "../../../lib/adapters/local/listener.js";
import { canaryForms, expectNoCanary } from "../../fakes/canary.js";
import { API_KEY, CALLER_KEY, TOKEN } from "../../fakes/door.js";
import { call, open, raw, SERVER_NAME, sharedAuthority, signedBytes, testGateway } from "../../fakes/gateway.js";
import { BEHAVIOURS } from "../../fakes/upstream-behaviours.js";

const start = (options: Parameters<typeof testGateway>[0] = {}) => testGateway(options, onTestFinished);

describe("a call", () => {
  it("reaches the upstream with the credential and comes back", async () => {
    const { port, upstream, audit } = await start({ upstreamOptions: { expectations: { bearer: API_KEY } } });
    const answer = await call({ port }, "/api/v1/charges?a=%41&&b", { method: "POST", body: "amount=1" });
    expect(answer).toMatchObject({ status: 200, body: JSON.stringify({ ok: true, method: "POST", bodyBytes: 8 }) });
    expect(upstream.requests).toMatchObject([{ target: "/v1/charges?a=%41&&b", serverName: SERVER_NAME, complete: true }]);
    expect(upstream.requests[0]?.rawHeaders).toEqual([
      ...["host", `${SERVER_NAME}:${upstream.port}`],
      ...["connection", "keep-alive"],
      ...["accept-encoding", "identity"],
      ...["authorization", `Bearer ${API_KEY}`],
      ...["content-length", "8"],
    ]);
    await expect.poll(() => audit.events).toMatchObject([{ kind: "outcome", source: "127.0.0.1", upstream: { address: "127.0.0.1" } }]);
  });

  it("by signature passes once", async () => {
    const { port, upstream } = await start();
    const bytes = signedBytes(port, "/api/v1/charges", "nonce-0123456789", "x=1");
    expect(await raw(port, bytes)).toMatchObject({ status: 200 });
    expect(await raw(port, bytes)).toMatchObject({ status: 409 });
    expect(upstream.requests).toHaveLength(1);
  });

  it("is one of many over one connection, each with its own answer", async () => {
    const { port, upstream } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => call({ port }, `/api/v1/${index}`, { agent, method: "POST", body: "x".repeat(index) })),
    );
    expect(answers.map(({ body }) => JSON.parse(body).bodyBytes)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(upstream.connections).toBe(1);
  });

  it("that is refused costs the upstream no connection, and leaves the client's open", async () => {
    const { port, upstream } = await start();
    const answer = await raw(port, "GET /api/v2 HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\n\r\n");
    expect(answer).toMatchObject({ status: 403, closed: false });
    expect(upstream.connections).toBe(0);
  });

  it("by HEAD comes back without a body", async () => {
    const { port } = await start();
    expect(await call({ port }, "/api/v1/large", { method: "HEAD" })).toMatchObject({
      status: 200,
      body: "",
      headers: { "content-length": String(8 * 1024 * 1024) },
    });
  });

  it("gets redirects back unfollowed and without the credential", async () => {
    const { port, upstream } = await start();
    expect(await call({ port }, "/api/v1/redirect")).toMatchObject({
      status: 307,
      headers: { location: "https://elsewhere.example/landing" },
    });
    const echoed = await call({ port }, "/api/v1/echo-redirect");
    expectNoCanary("location", JSON.stringify(echoed.headers), [API_KEY]);
    expect(upstream.requests).toHaveLength(2);
  });
});

describe("routes", () => {
  it("are named by the path, by Host and by port", async () => {
    const listeners = [
      { host: "127.0.0.1", port: 0 },
      { host: "127.0.0.1", port: 0, route: "api" },
    ];
    const { gateway, upstream } = await start({ listeners, route: { hosts: ["api.internal"] } });
    const [byPath, byPort] = gateway.listening as readonly [Listener, Listener];
    await call(byPath, "/api/v1/path");
    await call(byPort, "/v1/port");
    await call(byPath, "/v1/host", { headers: { host: "api.internal", authorization: `Bearer ${TOKEN}` } });
    expect(upstream.requests.map(({ target }) => target)).toEqual(["/v1/path", "/v1/port", "/v1/host"]);
  });

  it("are not reached under another Host", async () => {
    const { port, upstream } = await start({ authorities: ["egress.internal:8443"] });
    const headers = (host: string) => ({ headers: { host, authorization: `Bearer ${TOKEN}` } });
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", "127.0.0.1:1", SERVER_NAME]) {
      expect(await call({ port }, "/api/v1/charges", headers(host)), host).toMatchObject({ status: 400 });
    }
    expect(upstream.connections).toBe(0);
    for (const host of [`127.0.0.1:${port}`, `LocalHost:${port}`, "egress.internal:8443"]) {
      expect(await call({ port }, "/api/v1/charges", headers(host)), host).toMatchObject({ status: 200 });
    }
  });
});

describe("the source", () => {
  it("is the socket's own address", async () => {
    const policy = { ipPolicies: { here: { allow: ["127.0.0.1/32"] } } };
    const { port, audit, upstream } = await start({ policy, route: { from: "here" } });
    const headers = { authorization: `Bearer ${TOKEN}`, "x-forwarded-for": "127.0.0.1" };
    expect(await call({ port }, "/api/v1/charges", { localAddress: "127.0.0.2", headers })).toMatchObject({ status: 403 });
    expect(audit.events).toMatchObject([{ reason: "SOURCE_NOT_ALLOWED", source: "127.0.0.2" }]);
    expect(upstream.connections).toBe(0);
    expect(await call({ port }, "/api/v1/charges")).toMatchObject({ status: 200 });
  });
});

describe("the credential", () => {
  const echoes = Object.keys(BEHAVIOURS).filter((name) => name.startsWith("echo-"));

  it.each(echoes)("does not come back by %s in any form", async (behaviour) => {
    const { port, audit, upstream } = await start({ upstreamOptions: { expectations: { bearer: API_KEY } } });
    for (const { form } of canaryForms(API_KEY)) {
      const answer = await raw(
        port,
        `GET /api/v1/${behaviour}.${form} HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n`,
      );
      expect(answer.status, form).toBeGreaterThanOrEqual(200);
      expectNoCanary(`${behaviour} ${form}`, answer.bytes, [API_KEY]);
    }
    expect(upstream.requests).toHaveLength(canaryForms(API_KEY).length);
    expectNoCanary("audit", JSON.stringify(audit.events), [API_KEY, CALLER_KEY, TOKEN]);
  });
});

describe("a gateway", () => {
  it("needs TLS off loopback", async () => {
    const { gateway } = await start();
    const { current, limits, bodyBudget, load, ...ports } = gateway.door;
    for (const host of ["0.0.0.0", "::", "10.0.0.1"]) {
      await expect(startGateway({ ...ports, policy: current.policy, listeners: [{ host, port: 0 }] })).rejects.toMatchObject({
        code: "INPUT_INVALID",
        details: { listen: host },
        message: expect.stringContaining(`TLS is required off loopback: give a certificate and key to listen on ${host}`),
      });
    }
  });

  it("serves TLS with its own certificate", async () => {
    const { authority, server } = await sharedAuthority();
    const tls = { cert: server.certificatePem, key: server.privateKeyPem };
    const { port } = await start({ tls, listeners: [{ host: "127.0.0.1", port: 0 }] });
    const bytes = "GET /api/v1/charges HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\n\r\n";
    const trusted = { tls: { ca: authority.certificatePem, servername: SERVER_NAME } };
    expect(await raw(port, bytes, trusted)).toMatchObject({ status: 200 });
    expect(await raw(port, "GET /api/../v1 HTTP/1.1\r\nHost: HOST\r\n\r\n", trusted)).toMatchObject({ status: 400, closed: true });
    expect(await raw(port, bytes)).toMatchObject({ status: undefined });
  });

  it("does not keep what it opened when another listener cannot be opened", async () => {
    const { gateway, port } = await start();
    const { current, limits, bodyBudget, load, ...ports } = gateway.door;
    const free = await start();
    await free.stop();
    const listeners = [
      { host: "127.0.0.1", port: free.port },
      { host: "127.0.0.1", port },
    ];
    await expect(startGateway({ ...ports, policy: current.policy, listeners })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      details: { port },
    });
    await expect(call(free, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("lets a call under way end when it closes, and takes no new one", async () => {
    const { gateway, port } = await start();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await call({ port }, "/api/v1/charges", { agent });
    const slow = await open({ port }, "/api/v1/slow", { agent });
    const closed = gateway.close(600_000);
    await expect(call({ port }, "/api/v1/charges")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect((await buffer(slow)).toString()).toBe("slow ".repeat(10));
    await closed;
  });

  it("cuts what does not end in time when it closes", async () => {
    const { gateway, port, audit } = await start();
    const endless = await open({ port }, "/api/v1/endless");
    await gateway.close(1);
    await expect(buffer(endless)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => audit.events.at(-1)).toMatchObject({ kind: "outcome", reason: "UPSTREAM_RESET" });
  });
});
