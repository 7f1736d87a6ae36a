/**
 * The functions that are compared, as Lambda would hold them: a folder each, and an environment that tells them where
 * the fakes are. All of them answer the same event, and the two that do work take the same secret to the same upstream.
 */
import { hash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { canonicalPolicy, type PolicyDocument, policyVersion } from "../../../lib/policy/index.js";
import { PROJECT } from "../../deploy/project.js";
import { API_IDS, apiGatewayEvent } from "../../fakes/api-gateway.js";
import { createAuthority } from "../../fakes/certificates.js";
import { startDynamodb } from "../../fakes/dynamodb.js";
import { startSecretsManager } from "../../fakes/secrets-manager.js";
import { startUpstream } from "../../fakes/upstream.js";
import { UPSTREAM_TOKEN } from "../gateway/scenario.js";

const BUILT = join(PROJECT, "dist/lambda");
const CALLER_TOKEN = "a-token-of-the-caller";

export interface LambdaFunction {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A call that ours allows and the others pass on. */
export const callEvent = (): object =>
  apiGatewayEvent({ target: "/api/v1/charges", headers: [["Authorization", `Bearer ${CALLER_TOKEN}`]] });

export interface Functions {
  readonly ours: LambdaFunction;
  readonly handWritten: LambdaFunction;
  readonly empty: LambdaFunction;
  stop(): Promise<void>;
}

export async function startFunctions(): Promise<Functions> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const authority = await createAuthority("Bench authority");
  const { certificatePem: cert, privateKeyPem: key } = await authority.issue({ commonName: "upstream", dnsNames: ["localhost"] });
  const [upstream, dynamodb, secrets] = await Promise.all([
    startUpstream({ key, cert, expectations: { bearer: UPSTREAM_TOKEN } }),
    startDynamodb(),
    startSecretsManager(),
  ]);
  secrets.put("door/api-key", UPSTREAM_TOKEN);
  writeFileSync(join(folder, "ca.pem"), authority.certificatePem);
  const common = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
  };
  const origin = `https://localhost:${upstream.port}`;
  const policy = policyFor(origin);
  const [ours, handWritten, empty] = ["ours", "hand-written", "empty"].map((name) => join(folder, name)) as [string, string, string];
  cpSync(BUILT, ours, { recursive: true });
  writeFileSync(join(ours, "policy.json"), canonicalPolicy(policy));
  await bundleHandWritten(handWritten);
  mkdirSync(empty);
  writeFileSync(join(empty, "index.mjs"), "export const handler = async () => ({ statusCode: 200, body: '' });\n");

  return {
    ours: {
      folder: ours,
      environment: {
        ...common,
        SALLYPORT_POLICY_VERSION: policyVersion(policy),
        SALLYPORT_BINDINGS: JSON.stringify({ secretPrefix: "door/", commitTable: "door-commits", entrances: API_IDS }),
        SALLYPORT_ALLOW_UPSTREAM_CIDRS: "127.0.0.1/32,::1/128",
      },
    },
    handWritten: { folder: handWritten, environment: { ...common, SECRET_ID: "door/api-key", UPSTREAM: origin } },
    empty: { folder: empty, environment: common },
    async stop() {
      await Promise.all([upstream.close(), dynamodb.stop(), secrets.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const policyFor = (target: string): PolicyDocument => ({
  version: 1,
  name: "bench",
  environment: "bench",
  secrets: { "api-key": { source: { kind: "managed" }, allowedHosts: [new URL(target).host], maxAgeDays: 90 } },
  callers: { batch: { kind: "bearer-token", sha256: hash("sha256", CALLER_TOKEN, "hex") } },
  routes: { api: { owner: "bench", target, inject: [{ kind: "bearer", secret: "api-key" }] } },
  grants: { call: { caller: "batch", route: "api", requests: ["GET /v1/**"] } },
});

/** With the settings of `test/tools/bundle.mjs`. */
async function bundleHandWritten(folder: string): Promise<void> {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: { index: "test/bench/lambda/hand-written.ts" },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    legalComments: "none",
    logLevel: "warning",
  });
}

export const sizeKib = ({ folder }: LambdaFunction): number =>
  readdirSync(folder).reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0) / 1024;
