/** The gateway on its real stores: what was used stays used after a restart, and no channel holds a credential. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openAuditFile } from "../../../lib/adapters/local/audit-file.js";
import { auditedCommits } from "../../../lib/adapters/local/audited-commits.js";
import { openLmdbCommitStore } from "../../../lib/adapters/local/lmdb-commit-store.js";
import { prometheusMetrics } from "../../../lib/adapters/local/prometheus.js";
import { verifyChain } from "../../../lib/audit/verify.js";
import { canaryForms, expectNoCanary, findCanary, scanTree } from "../../fakes/canary.js";
import { API_KEY, CALLER_KEY, TOKEN } from "../../fakes/door.js";
import { call, raw, signedBytes, type TestGatewayOptions, testGateway } from "../../fakes/gateway.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

const CANARIES = [API_KEY, CALLER_KEY, TOKEN];

/** A gateway whose stores are in the folder; `stop` closes them too. */
async function startIn(folder: string, options: TestGatewayOptions = {}) {
  const path = join(folder, "audit.jsonl");
  const audit = await openAuditFile({ path });
  const store = openLmdbCommitStore({ path: join(folder, "claims") });
  const metrics = prometheusMetrics();
  const stops: (() => Promise<void>)[] = [];
  const gateway = await testGateway({ audit, commits: auditedCommits(store, audit), metrics, ...options }, (stop) => stops.push(stop));
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    for (const stopGateway of stops) await stopGateway();
    await store.close();
    await audit.close();
  };
  onTestFinished(stop);
  return { ...gateway, path, metrics, stop };
}

const reasons = async (path: string) =>
  (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ kind, reason }) => `${kind} ${reason}`);

it("refuses a signed request that was used before a restart", async () => {
  const folder = temporaryFolder(onTestFinished);
  const first = await startIn(folder);
  const bytes = signedBytes(first.port, "/api/v1/charges", "nonce-0123456789", "amount=1");
  expect(await raw(first.port, bytes)).toMatchObject({ status: 200 });
  await first.stop();
  const listeners = [{ host: "127.0.0.1", port: first.port }];
  const second = await startIn(folder, { listeners });
  expect(await raw(second.port, bytes)).toMatchObject({ status: 409 });
  expect(second.upstream.connections).toBe(0);
  await second.stop();
  expect(await reasons(second.path)).toEqual(["intent granted", "outcome granted", "denial REPLAYED"]);
});

it("lets exactly one of 100 concurrent copies through", async () => {
  const { port, upstream } = await startIn(temporaryFolder(onTestFinished));
  const bytes = signedBytes(port, "/api/v1/charges", "nonce-0123456789", "amount=1");
  const answers = await Promise.all(Array.from({ length: 100 }, () => raw(port, bytes, { timeoutMs: 20_000 })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(99);
  expect(upstream.requests).toHaveLength(1);
});

it("leaves a chain that verifies, with an outcome for every intent", async () => {
  const { port, path, stop } = await startIn(temporaryFolder(onTestFinished));
  await Promise.all(Array.from({ length: 20 }, (_, index) => call({ port }, `/api/v1/${index}`)));
  await call({ port }, "/api/v2");
  await stop();
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(await verifyChain(lines)).toMatchObject({ events: 41, tornLastLine: false });
  const events = lines.map((line) => JSON.parse(line));
  const ids = (kind: string) =>
    events
      .filter((event) => event.kind === kind)
      .map(({ requestId }) => requestId)
      .sort();
  expect(ids("outcome")).toEqual(ids("intent"));
});

describe("a credential", () => {
  it("stands in no answer, audit line, claim, metric or file, over calls good and bad", async () => {
    const folder = temporaryFolder(onTestFinished);
    const { port, metrics, secrets, stop } = await startIn(folder);
    const paths = [
      "echo-body",
      "echo-header.base64-1",
      "echo-error",
      "echo-split",
      "echo-gzip.json",
      "echo-redirect.percent-upper",
      "reset",
      "hang/../x",
      "charges?key=1",
    ];
    const answers = [];
    for (const path of paths) answers.push(await call({ port }, `/api/v1/${path}`).catch(String));
    answers.push((await raw(port, signedBytes(port, "/api/v1/echo-body", "nonce-0123456789"))).text);
    secrets.put("api-key", `${API_KEY}\n`);
    answers.push(await call({ port }, "/api/v1/charges"));
    expectNoCanary("answers", JSON.stringify(answers), CANARIES);
    expectNoCanary("metrics", await metrics.text(), CANARIES);
    await stop();
    expect(await scanTree(folder, CANARIES)).toEqual([]);
  });

  it("would be found: a leak planted in any form makes the scan fail", () => {
    for (const { form, bytes } of canaryForms(API_KEY)) {
      expect(findCanary(Buffer.concat([Buffer.from('{"details":"'), bytes, Buffer.from('"}')]), CANARIES), form).not.toEqual([]);
    }
  });
});

describe("an upstream that may not be reached", () => {
  it("is refused when its address is not public and nobody allowed it", async () => {
    const { port, upstream, path, stop } = await startIn(temporaryFolder(onTestFinished), { allowUpstream: undefined as never });
    expect(await call({ port }, "/api/v1/charges")).toMatchObject({ status: 502, body: expect.stringContaining("destination_not_public") });
    expect(upstream.connections).toBe(0);
    await stop();
    expect(await reasons(path)).toEqual(["intent granted", "denial DESTINATION_NOT_PUBLIC"]);
  });

  it("is refused when its certificate is for another name", async () => {
    const { port, upstream } = await startIn(temporaryFolder(onTestFinished), { certificate: { dnsNames: ["other.example.com"] } });
    expect(await call({ port }, "/api/v1/charges")).toMatchObject({ status: 502, body: expect.stringContaining("upstream_tls") });
    expect(upstream.requests).toEqual([]);
  });

  it("is refused when it answers too late", async () => {
    const { port } = await startIn(temporaryFolder(onTestFinished), { route: { limits: { deadlineSeconds: 1 } } });
    expect(await call({ port }, "/api/v1/hang")).toMatchObject({ status: 504, body: expect.stringContaining("upstream_timeout") });
  });
});
