import { readFileSync } from "node:fs";
import { get, type IncomingMessage, request } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { type LocalDoor, type LocalDoorOptions, openLocalDoor } from "../../../lib/adapters/local/local-door.js";
import { verifyChain } from "../../../lib/audit/verify.js";
import { parseCidr } from "../../../lib/net/cidr.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

/** SHA-256 of `token`. */
const TOKEN_SHA256 = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

const policyText = (port: number, { grants = "GET /**", extra = "" } = {}) => `
version: 1
name: door
environment: test
callers:
  ops: { kind: bearer-token, sha256: ${TOKEN_SHA256} }
  ci: { kind: github-actions, repository: acme/app }
routes:
  upstream:
    owner: team
    target: http://upstream.example:${port}
    waivers: [{ rule: cleartext-target, reason: a test on this machine, expires: "2999-01-01" }]
grants:
  all: { caller: ops, route: upstream, requests: [${grants}] }
${extra}`;

/** A bare upstream: a connection, its bytes, and whatever the test answers. */
async function bareUpstream(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

const doors: LocalDoor[] = [];
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close(0);
});

async function openDoor(readText: () => string, options: Partial<LocalDoorOptions> = {}) {
  const stateFolder = temporaryFolder(onTestFinished);
  const door = await openLocalDoor({
    readPolicy: async () => [{ text: readText(), file: "policy.yaml" }],
    listeners: [{ host: "127.0.0.1", port: 0 }],
    stateFolder,
    keyPath: join(stateFolder, "key"),
    resolve: { "upstream.example": ["127.0.0.1"] },
    allowUpstream: [parseCidr("127.0.0.1")!],
    ...options,
  });
  doors.push(door);
  const auditText = () => readFileSync(join(stateFolder, "audit.jsonl"), "utf8");
  const events = () =>
    auditText()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { door, stateFolder, auditText, events, url: `http://127.0.0.1:${door.gateway.listening[0]!.port}/upstream/` };
}

const AUTHORIZED = { headers: { authorization: "Bearer token" } };
const call = (url: string) => new Promise<IncomingMessage>((resolve, reject) => get(url, AUTHORIZED, resolve).on("error", reject));

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("is a whole door: a call passes, and start, call and stop stand in one chain", async () => {
  const port = await bareUpstream((socket) => socket.end(OK));
  const { door, url, events, auditText } = await openDoor(() => policyText(port));
  const response = await call(url);
  expect([response.statusCode, await text(response)]).toEqual([200, "ok"]);
  await door.close();
  expect(events().map(({ kind, action }) => action ?? kind)).toEqual(["started", "intent", "outcome", "stopped"]);
  // What an operator opened at start belongs on record.
  expect(events()[0]).toMatchObject({ details: { allowUpstream: ["127.0.0.1/32"] } });
  expect(events()[0]).toMatchObject({
    policyVersion: door.gateway.door.current.policy.version,
    details: { listening: door.gateway.listening },
  });
  expect(await verifyChain(auditText().trimEnd().split("\n"))).toMatchObject({ events: 4, tornLastLine: false });
});

test("names the callers it cannot verify and the secrets without a value", async () => {
  const extra = "secrets:\n  unset: { source: { kind: managed }, allowedHosts: [upstream.example], maxAgeDays: 9 }";
  const { door } = await openDoor(() => policyText(1, { extra }));
  expect(await door.gaps()).toEqual({ unverifiableCallers: [{ name: "ci", kind: "github-actions" }], missingSecrets: ["unset"] });
});

test("a reload puts another policy in force; a bad one leaves the last good one and says why", async () => {
  const port = await bareUpstream((socket) => socket.end(OK));
  let policy = policyText(port);
  const { door, url, events } = await openDoor(() => policy);
  const { version } = door.gateway.door.current.policy;

  policy = policyText(port, { grants: "NOT A PATTERN" });
  expect(await door.reload()).toMatchObject({ result: "refused", policyVersion: version, error: { code: "POLICY_INVALID" } });
  expect((await call(url)).statusCode).toBe(200);

  policy = policyText(port, { grants: "POST /**" });
  expect(await door.reload()).toEqual({ result: "loaded", policyVersion: door.gateway.door.current.policy.version });
  expect((await call(url)).statusCode).toBe(403);

  expect(events().filter(({ action }) => action === "reload")).toMatchObject([
    { policyVersion: version, details: { result: "refused", reason: "POLICY_INVALID" } },
    { policyVersion: door.gateway.door.current.policy.version, details: { result: "loaded" } },
  ]);
});

test("refuses a policy whose own test fails", async () => {
  const extra = "tests:\n  no-post: { caller: ops, route: upstream, request: GET /, expect: deny }";
  await expect(openDoor(() => policyText(1, { extra }))).rejects.toMatchObject({
    code: "POLICY_TEST_FAILED",
    message: expect.stringContaining("no-post: expected deny, found allow (granted)"),
    details: { tests: ["no-post"] },
  });
});

test("refuses a listener for a route that the policy does not have", async () => {
  await expect(openDoor(() => policyText(1), { listeners: [{ host: "127.0.0.1", port: 0, route: "upsteam" }] })).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining("`upsteam`, which the policy does not have; it has upstream"),
  });
});

test("a second door on the same state is refused, and lets everything go that it had opened", async () => {
  const first = await openDoor(() => policyText(1));
  const again = () => openDoor(() => policyText(1), { stateFolder: first.stateFolder });
  await expect(again()).rejects.toMatchObject({ code: "STORE_UNUSABLE", details: { pid: process.pid } });
  await first.door.close();
  await (await again()).door.close();
  expect(first.events().map(({ action }) => action)).toEqual(["started", "stopped", "started", "stopped"]);
});

test("when one listener cannot be opened the others are closed again", async () => {
  const taken = await bareUpstream(() => {});
  const listeners = [
    { host: "127.0.0.2", port: taken },
    { host: "127.0.0.1", port: taken },
  ];
  await expect(openDoor(() => policyText(1), { listeners })).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining(`cannot listen on 127.0.0.1:${taken} (EADDRINUSE)`),
  });
  await expect(call(`http://127.0.0.2:${taken}/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a call under way ends before the door does, and on a connection that is kept alive", async () => {
  let answer = () => {};
  const arrived = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let finish = () => {};
  const port = await bareUpstream((socket) => {
    finish = () => void socket.end(OK);
    answer();
  });
  const { door, url, events } = await openDoor(() => policyText(port));
  const pending = call(url);
  await arrived;
  const closed = door.close(30_000);
  setTimeout(finish, 50);
  const response = await pending;
  expect(await text(response)).toBe("ok");
  await closed;
  expect(events().map(({ kind, action }) => action ?? kind)).toEqual(["started", "intent", "outcome", "stopped"]);
});

test("what is cut at the end of the drain still has its outcome in the audit, before the stop", async () => {
  let arrived = () => {};
  const underWay = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const port = await bareUpstream(() => arrived());
  const { door, url, events } = await openDoor(() => policyText(port));
  const broken = expect(call(url)).rejects.toMatchObject({ code: "ECONNRESET" });
  await underWay;
  await door.close(0);
  await broken;
  expect(events().map(({ kind, action }) => action ?? kind)).toEqual(["started", "intent", "outcome", "stopped"]);
  expect(door.gateway.door.load.calls).toBe(0);
});

test("a client that leaves before the answer comes holds no call open", async () => {
  let answer = () => {};
  const port = await bareUpstream((socket) => {
    answer = () => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${1 << 20}\r\n\r\n${"x".repeat(1 << 20)}`);
  });
  const { door, url } = await openDoor(() => policyText(port));
  const leaving = request(url, AUTHORIZED).on("error", () => {});
  leaving.end();
  while (door.gateway.door.load.calls === 0) await pause(5);
  await pause(50);
  leaving.destroy();
  await pause(50);
  answer();
  for (let polls = 0; polls < 200 && door.gateway.door.load.calls > 0; polls++) await pause(10);
  expect(door.gateway.door.load.calls).toBe(0);
});
