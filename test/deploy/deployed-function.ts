/** A function as it was deployed: the archive that Terraform uploaded and the environment that it set, read from the state. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiGatewayResult } from "../../lib/adapters/aws/api-gateway-result.js";
import { startLambdaProcess } from "./lambda-process.js";
import type { StateResource } from "./terraform.js";

export interface DeployedFunctionOptions {
  /** `aws_lambda_function` in the state. */
  readonly resource: StateResource;
  /** The stack's own, that paths in the state are relative to. */
  readonly stackFolder: string;
  /** Where the archive is unpacked. */
  readonly codeFolder: string;
  /** What it writes is added to it. */
  readonly logFile: string;
  /** Node.js 22. */
  readonly node: string;
  /** What Lambda would set itself, and what makes this machine its world. Beside the deployed environment. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface DeployedFunction {
  invoke(event: object): Promise<ApiGatewayResult>;
  /** What it wrote to its log since this was last asked, one JSON a line. */
  newLogLines(): Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

export async function startDeployedFunction(options: DeployedFunctionOptions): Promise<DeployedFunction> {
  const { resource, stackFolder, codeFolder, logFile, node, environment } = options;
  unpack(join(stackFolder, String(resource.filename)), String(resource.code_sha256), codeFolder);
  const [{ variables }] = resource.environment as [{ variables: Record<string, string> }];

  let lines: string[] = [];
  const { invoke, stop } = await startLambdaProcess({
    node,
    codeFolder,
    handler: String(resource.handler),
    functionName: String(resource.function_name),
    functionArn: String(resource.qualified_arn),
    timeoutMs: Number(resource.timeout) * 1000,
    environment: { ...variables, ...environment },
    onLine(line) {
      lines.push(line);
      appendFileSync(logFile, `${line}\n`);
    },
    onError: (chunk) => appendFileSync(logFile, chunk),
  });
  return {
    stop,
    invoke: async (event) => (await invoke(event)) as ApiGatewayResult,
    newLogLines() {
      const taken = lines;
      lines = [];
      return taken.map((line) => JSON.parse(line));
    },
  };
}

/** @param sha256 of the archive in base64, as Lambda computed it from what it was given */
function unpack(archive: string, sha256: string, folder: string): void {
  const found = createHash("sha256").update(readFileSync(archive)).digest("base64");
  if (found !== sha256) throw new Error(`${archive} is not what was uploaded: its SHA-256 is ${found}, Lambda says ${sha256}`);
  unzip(archive, folder);
}

export function unzip(archive: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync("python3", ["-m", "zipfile", "-e", archive, folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${archive} cannot be unpacked: ${stderr}`);
}
