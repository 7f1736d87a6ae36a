/** The bundle that is deployed: the same bytes from every build, and a function under the Node.js that Lambda runs. */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { PolicyDocument } from "../../../lib/policy/document.generated.js";
import { canonicalPolicy, policyVersion } from "../../../lib/policy/version.js";
import { API_IDS, apiGatewayEvent } from "../../fakes/api-gateway.js";
import { canary } from "../../fakes/canary.js";
import { createAuthority } from "../../fakes/certificates.js";
import { startDynalite, TABLE } from "../../fakes/dynalite.js";
import { startSecretsManager } from "../../fakes/secrets-manager.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";
import { startUpstream } from "../../fakes/upstream.js";

const PROJECT = join(__dirname, "../../..");

let folder: string;
const build = (name: string) => {
  const target = join(folder, name);
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, "test/tools/bundle.mjs"), target], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return target;
};
const filesOf = (target: string) =>
  readdirSync(target).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(target, name)))
      .digest("hex"),
  ]);

beforeAll(() => {
  folder = temporaryFolder(afterAll);
});

it("has the same bytes from two builds, whatever folder they go to, and no path of this machine", () => {
  const [first, second] = [build("first"), build("second-of-two")];
  expect(filesOf(second)).toEqual(filesOf(first));
  for (const [name] of filesOf(first)) expect(readFileSync(join(first, name!), "utf8"), name).not.toContain(PROJECT);
});

/** Runs the bundle as Lambda's runtime does: one event, one result. Standard output is the function's log. */
async function invoke(target: string, event: object, env: NodeJS.ProcessEnv) {
  const script = `
    import { handler } from ${JSON.stringify(join(target, "index.mjs"))};
    const context = { awsRequestId: "request-1", invokedFunctionArn: "arn:aws:lambda:eu-west-1:1:function:f", getRemainingTimeInMillis: () => 9000 };
    console.log(JSON.stringify(await handler(${JSON.stringify(event)}, context)));
    process.exit();`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--no-warnings", "--input-type=module", "--eval", script], {
    env,
  });
  expect(stderr).toBe("");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { log: lines.slice(0, -1), result: lines.at(-1) };
}

it("is a handler that denies while its deployment is incomplete", async () => {
  const { log, result } = await invoke(build("incomplete"), apiGatewayEvent({ target: "/api" }), {});
  expect(log).toMatchObject([{ kind: "denial", reason: "INPUT_INVALID", details: { variable: "LAMBDA_TASK_ROOT" } }]);
  expect(result).toMatchObject({ statusCode: 503 });
});

it("serves a call with its own AWS SDK and undici, told where everything is by its environment alone", async () => {
  const target = build("complete");
  const authority = await createAuthority("Test authority");
  const { certificatePem: cert, privateKeyPem: key } = await authority.issue({ commonName: "upstream", ipAddresses: ["127.0.0.1"] });
  const [token, apiKey] = [canary("token"), canary("api-key")];
  const [upstream, dynalite, secrets] = await Promise.all([
    startUpstream({ key, cert, expectations: { bearer: apiKey } }),
    startDynalite(),
    startSecretsManager(),
  ]);
  secrets.put("door/api-key", apiKey);
  onTestFinished(async () => void (await Promise.all([upstream.close(), dynalite.stop(), secrets.stop()])));

  const host = `127.0.0.1:${upstream.port}`;
  const policy: PolicyDocument = {
    version: 1,
    name: "door",
    environment: "test",
    secrets: { "api-key": { source: { kind: "managed" }, allowedHosts: [host], maxAgeDays: 90 } },
    callers: { batch: { kind: "bearer-token", sha256: createHash("sha256").update(token).digest("hex") } },
    routes: { api: { owner: "team", target: `https://${host}`, inject: [{ kind: "bearer", secret: "api-key" }] } },
    grants: { "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**"] } },
  };
  writeFileSync(join(target, "policy.json"), canonicalPolicy(policy));
  writeFileSync(join(folder, "ca.pem"), authority.certificatePem);
  const event = apiGatewayEvent({ target: "/api/v1/charges", headers: [["Authorization", `Bearer ${token}`]] });
  const { log, result } = await invoke(target, event, {
    LAMBDA_TASK_ROOT: target,
    SALLYPORT_POLICY_VERSION: policyVersion(policy),
    SALLYPORT_BINDINGS: JSON.stringify({ secretPrefix: "door/", commitTable: TABLE, entrances: API_IDS }),
    SALLYPORT_ALLOW_UPSTREAM_CIDRS: "127.0.0.1/32",
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
  });
  expect(log.filter(({ kind }) => kind !== undefined)).toMatchObject([
    { action: "started" },
    { kind: "outcome", reason: "granted", status: 200 },
  ]);
  expect(result).toMatchObject({ statusCode: 200, body: '{"ok":true,"method":"GET","bodyBytes":0}' });
});

it("loads neither the AWS SDK nor undici before its first line has run", () => {
  const index = readFileSync(join(folder, "first/index.mjs"), "utf8");
  const eager = [...index.matchAll(/(?:import|from)\s*"\.\/([^"]+)"/g)].map(([, name]) => name!);
  const loaded = [index, ...eager.map((name) => readFileSync(join(folder, "first", name), "utf8"))].join("");
  expect(loaded).not.toContain("GetSecretValue");
  expect(loaded).not.toContain("UND_ERR");
  expect(
    readFileSync(join(folder, "first", readdirSync(join(folder, "first")).find((name) => name.startsWith("aws-door"))!), "utf8"),
  ).toContain("GetSecretValue");
});

it("never imports node:http as an ES module, which would load Node's own undici beside ours", () => {
  const bundle = join(folder, "first");
  const texts = readdirSync(bundle).map((name) => readFileSync(join(bundle, name), "utf8"));
  expect(texts.filter((text) => /(?:from|import\s*\(?)\s*"(?:node:)?https?"/.test(text))).toEqual([]);
  expect(texts.filter((text) => text.includes('"node:https"'))).not.toEqual([]);
});
