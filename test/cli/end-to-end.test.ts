/** The commands as real processes against a real upstream: exit codes, signals, and no credential in anything they printed or wrote. */
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { verifyChain } from "../../lib/audit/verify.js";
import { canary, expectNoCanary, scanTree } from "../fakes/canary.js";
import { createAuthority } from "../fakes/certificates.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { startUpstream, type Upstream } from "../fakes/upstream.js";
import { send } from "../fakes/upstream-behaviours.js";
import { type ChildCli, childCli, type Ended } from "./child-cli.js";

const HOST = "api.vendor.example";
const VENDOR_KEY = canary("vendor");
const CALLER_KEY = canary("caller");

const removals: (() => void)[] = [];
const atEnd = (remove: () => void) => removals.push(remove);
const folder = temporaryFolder(atEnd);
const state = join(folder, "state");
const policyFile = join(folder, "policy.yaml");
/** All that any process printed. */
let output = "";
let start: (words: readonly string[], stdin?: string) => ChildCli;
let upstream: Upstream;
/** Let go on when the test says so. */
let release = () => {};

const policy = (port: number, requests = "GET /**") => `
version: 1
name: door
environment: test
secrets:
  vendor-key: { source: { kind: managed }, allowedHosts: [${HOST}], maxAgeDays: 90 }
  caller-key: { source: { kind: managed }, allowedHosts: [${HOST}], maxAgeDays: 90 }
callers:
  payments: { kind: hmac, key: caller-key }
routes:
  vendor: { owner: team, target: "https://${HOST}:${port}", inject: [{ kind: bearer, secret: vendor-key }] }
grants:
  all: { caller: payments, route: vendor, requests: [${requests}, POST /**] }
`;

beforeAll(async () => {
  const authority = await createAuthority("test authority");
  const server = await authority.issue({ commonName: HOST, dnsNames: [HOST] });
  const authorityFile = join(folder, "authority.pem");
  writeFileSync(authorityFile, authority.certificatePem);
  upstream = await startUpstream({
    key: server.privateKeyPem,
    cert: server.certificatePem,
    expectations: { bearer: VENDOR_KEY },
    respond: ({ target }) =>
      target.endsWith("/held")
        ? async ({ response }) => {
            await new Promise<void>((resolve) => {
              release = resolve;
            });
            send(response, 200, {}, "held");
          }
        : undefined,
  });
  writeFileSync(policyFile, policy(upstream.port));
  const begin = childCli(atEnd, { HOME: folder, NODE_EXTRA_CA_CERTS: authorityFile });
  start = (words, stdin) => {
    const child = begin(words, stdin);
    void child.ended.then(({ out, err }) => {
      output += out + err;
    });
    return child;
  };
});

afterAll(async () => {
  await upstream.close();
  for (const remove of removals) remove();
});

const secretsFile = join(state, "secrets.json");
const cli = (words: readonly string[], stdin?: string): Promise<Ended> => start(words, stdin).ended;
const sign = async (url: string, ...words: string[]) => {
  const asked = ["--key", "caller-key", "--key-id", "payments", "--secrets", secretsFile];
  return (await cli(["sign", ...asked, "--method", "GET", "--url", url, ...words])).out.trimEnd();
};
const headersOf = (signed: string) => Object.fromEntries(signed.split("\n").map((line) => line.split(": ")));
const call = async (url: string) => {
  const headers = headersOf(await sign(url));
  return new Promise<IncomingMessage>((resolve, reject) => get(url, { headers }, resolve).on("error", reject));
};

async function serve(...words: string[]) {
  const options = [
    "--json",
    "--listen",
    "127.0.0.1:0",
    "--state",
    state,
    "--resolve",
    `${HOST}=127.0.0.1`,
    "--allow-upstream-cidr",
    "127.0.0.1/32",
  ];
  const child = start(["serve", policyFile, ...options, ...words]);
  onTestFinished(() => void child.process.kill("SIGKILL"));
  await child.line((line) => JSON.parse(line).event === "ready");
  const url = async (event: string): Promise<string> => JSON.parse(await child.line((line) => JSON.parse(line).event === event)).url;
  const said = async (event: string, result: string) =>
    child.line((line) => JSON.parse(line).event === event && JSON.parse(line).result === result);
  return { child, said, url: await url("listening"), metricsUrl: () => url("metrics") };
}

test("exit codes are 0 for a valid policy, 2 for an invalid one, 4 for a guardrail, 2 for a bad argument", async () => {
  expect((await cli(["validate", policyFile])).exitCode).toBe(0);
  expect((await cli(["validate", "-"], "version: 2")).exitCode).toBe(2);
  expect((await cli(["validate", "-"], policy(1).replace("https:", "http:"))).exitCode).toBe(4);
  expect((await cli(["vaildate", policyFile])).exitCode).toBe(2);
  expect((await cli([])).exitCode).toBe(2);
});

test("a reader that stops reading is no fault", async () => {
  const child = start(["--help"]);
  child.process.stdout!.destroy();
  expect(await child.ended).toMatchObject({ exitCode: 0, err: "" });
});

test("stores secrets from standard input", async () => {
  const set = (name: string, value: string) => cli(["secrets", "set", name, "--secrets", secretsFile], `${value}\n`);
  expect(await set("vendor-key", VENDOR_KEY)).toEqual({ exitCode: 0, out: `stored vendor-key v1 in ${secretsFile}\n`, err: "" });
  expect(await set("caller-key", CALLER_KEY)).toMatchObject({ exitCode: 0 });
  expect((await cli(["secrets", "list", "--secrets", secretsFile])).out).toMatch(/^caller-key\tv1\t.*\nvendor-key\tv1\t.*\n$/);
});

test("serves signed calls, reloads on SIGHUP, drains on SIGTERM, and leaves one whole audit", async () => {
  const { child, said, url, metricsUrl } = await serve("--metrics", "127.0.0.1:0");
  const response = await call(`${url}/vendor/v1/charges`);
  expect([response.statusCode, JSON.parse(await text(response))]).toEqual([200, { ok: true, method: "GET", bodyBytes: 0 }]);

  writeFileSync(policyFile, "version: 2");
  child.process.kill("SIGHUP");
  await said("reload", "refused");
  expect((await call(`${url}/vendor/v1/charges`)).statusCode).toBe(200);

  writeFileSync(policyFile, policy(upstream.port, "GET /held"));
  child.process.kill("SIGHUP");
  await said("reload", "loaded");
  expect((await call(`${url}/vendor/v1/charges`)).statusCode).toBe(403);

  const metrics = await new Promise<IncomingMessage>((resolve) => void metricsUrl().then((at) => get(at, resolve)));
  expect(await text(metrics)).toMatch(/sallyport_policy_reloads_total\{result="loaded"\} 1\n/);

  const before = upstream.requests.length;
  const held = call(`${url}/vendor/held`);
  while (upstream.requests.length === before) await new Promise((turn) => setTimeout(turn, 5));
  child.process.kill("SIGTERM");
  await child.line((line) => JSON.parse(line).event === "stopping");
  release();
  const last = await held;
  expect([last.statusCode, await text(last)]).toEqual([200, "held"]);
  expect((await child.ended).exitCode).toBe(0);

  const audit = readFileSync(join(state, "audit.jsonl"), "utf8").trimEnd().split("\n");
  expect(audit.map((line) => JSON.parse(line)).map(({ kind, action }) => action ?? kind)).toEqual([
    ...["started", "intent", "outcome", "reload", "intent", "outcome", "reload", "denial", "intent", "outcome", "stopped"],
  ]);
  expect(await verifyChain(audit)).toMatchObject({ events: audit.length, tornLastLine: false });
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) console.warn("curl is not installed: that `sign --output curl` sends what was signed is not tried");

test.runIf(hasCurl)("the curl command of `sign` sends exactly what was signed, and a second time is a replay", async () => {
  writeFileSync(policyFile, policy(upstream.port));
  const { child, url } = await serve();
  const target = `${url}/vendor/v1/a%20b?q=[1]{x}'$HOME'`;
  const command = await sign(target, "--method", "POST", "--data", "it's a body", "--output", "curl");
  const sendIt = async () =>
    (await promisify(execFile)("sh", ["-c", `${command} --silent --show-error --write-out '%{http_code}'`])).stdout;
  expect(await sendIt()).toBe('{"ok":true,"method":"POST","bodyBytes":11}200');
  expect(upstream.requests.at(-1)).toMatchObject({ method: "POST", target: "/v1/a%20b?q=[1]{x}'$HOME'" });
  expect(upstream.requests.at(-1)!.rawHeaders.map((header) => header.toLowerCase())).not.toContain("content-type");
  expect(await sendIt()).toMatch(/"urn:sallyport:error:replayed".*409$/);
  child.process.kill("SIGINT");
  expect((await child.ended).exitCode).toBe(0);
});

test("a second signal does not wait for the drain", async () => {
  const { child, url } = await serve();
  const before = upstream.requests.length;
  const held = request(`${url}/vendor/held`, { headers: headersOf(await sign(`${url}/vendor/held`)) }).on("error", () => {});
  held.end();
  while (upstream.requests.length === before) await new Promise((turn) => setTimeout(turn, 5));
  child.process.kill("SIGTERM");
  await child.line((line) => JSON.parse(line).event === "stopping");
  child.process.kill("SIGTERM");
  expect((await child.ended).exitCode).toBe(null);
  release();
});

test("no secret stands in anything that was printed or written", async () => {
  expect(output).toContain('{"event":"ready"');
  expectNoCanary("output of the command line", output, [VENDOR_KEY, CALLER_KEY]);
  expect(await scanTree(folder, [VENDOR_KEY, CALLER_KEY])).toEqual([]);
});
