/** What one example is deployed into: a simulated AWS and a real upstream, and the function as it runs there. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { App } from "cdktf";
import type { ZeroTrustProxy } from "sallyport/constructs";
import type { Authority } from "../fakes/certificates.js";
import { TEST_CREDENTIALS } from "../fakes/dynalite.js";
import { startUpstream, type Upstream } from "../fakes/upstream.js";
import { type DeployedFunction, startDeployedFunction } from "./deployed-function.js";
import { startMoto } from "./moto.js";
import type { Tools } from "./required-tools.js";
import type { Scenario } from "./scenarios.js";
import { type Terraform, terraform } from "./terraform.js";

/** How long a secret's value is believed, as the function's environment declares it. */
export const SECRET_FRESH_MS = 2_000;
/** The one network beside the public ones that the function may call. */
export const UPSTREAM_NETWORK = "127.0.0.1/32";

export interface SimulatedWorldOptions {
  readonly scenario: Scenario;
  readonly authority: Authority;
  readonly tools: Tools;
  /** Everything is written below it. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

export interface SynthesizedStack extends Terraform {
  readonly door: ZeroTrustProxy;
}

export interface SimulatedWorld {
  /** Of the simulated AWS. */
  readonly endpoint: string;
  readonly secretsManager: SecretsManagerClient;
  readonly upstream: Upstream;
  readonly stackFolder: string;
  /** Runs the example's program, each time over what it wrote before. */
  synthesize(protection: "full" | "none", edit?: (door: ZeroTrustProxy) => void): SynthesizedStack;
  /** A new instance of what is deployed now. */
  startFunction(stack: SynthesizedStack): Promise<DeployedFunction>;
  close(): Promise<void>;
}

export async function openWorld({ scenario, authority, tools, folder, tell }: SimulatedWorldOptions): Promise<SimulatedWorld> {
  const { certificatePem: cert, privateKeyPem: key } = await authority.issue({ commonName: "upstream", ipAddresses: ["127.0.0.1"] });
  const moto = await startMoto();
  const { endpoint } = moto;
  const upstream = await startUpstream({ key, cert, clientCa: authority.certificatePem, expectations: scenario.expectations });
  const secretsManager = new SecretsManagerClient({ endpoint, region: "eu-west-1", credentials: TEST_CREDENTIALS });
  const running: DeployedFunction[] = [];

  const outdir = join(folder, "cdktf.out");
  const stackFolder = join(outdir, "stacks", scenario.name);
  const target = `https://127.0.0.1:${upstream.port}${scenario.basePath}`;
  const authorityFile = join(folder, "authority.pem");
  writeFileSync(authorityFile, authority.certificatePem);
  mkdirSync(join(folder, "logs"));

  return {
    endpoint,
    secretsManager,
    upstream,
    stackFolder,
    synthesize(protection, edit = () => {}) {
      const app = new App({ outdir });
      const door = scenario.build(app, { target, protection });
      edit(door);
      app.synth();
      return { door, ...terraform({ folder: stackFolder, moto, mirror: tools.mirror, tell }) };
    },
    async startFunction({ resources }) {
      const number = running.length + 1;
      const started = await startDeployedFunction({
        resource: resources("aws_lambda_function")[0]!,
        stackFolder,
        codeFolder: join(folder, `code-${number}`),
        logFile: join(folder, "logs", `function-${number}.log`),
        node: tools.node22,
        environment: {
          AWS_REGION: "eu-west-1",
          AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
          AWS_ENDPOINT_URL: endpoint,
          NODE_EXTRA_CA_CERTS: authorityFile,
          SALLYPORT_ALLOW_UPSTREAM_CIDRS: UPSTREAM_NETWORK,
          SALLYPORT_SECRET_FRESH_MS: String(SECRET_FRESH_MS),
        },
      });
      running.push(started);
      return started;
    },
    async close() {
      secretsManager.destroy();
      await Promise.all([...running.map((each) => each.stop()), upstream.close(), moto.stop()]);
    },
  };
}
