/**
 * Terraform on one synthesized stack: its JSON is pointed at the simulated AWS and at the provider that is here, then
 * init, validate, apply, plan and destroy run as a user would run them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Moto } from "./moto.js";
import { findProviderMirror, type ProviderMirror } from "./provider-mirror.js";

/** Every service a stack may call: one that is missing here would be called in the real AWS. */
const SERVICES = [
  "apigateway",
  "cloudwatch",
  "dynamodb",
  "ec2",
  "events",
  "firehose",
  "iam",
  "kms",
  "lambda",
  "logs",
  "s3",
  "scheduler",
  "secretsmanager",
  "sns",
  "sts",
  "wafv2",
];

export interface Terraform {
  init(): Promise<void>;
  validate(): Promise<void>;
  apply(): Promise<void>;
  /** @returns what applying again would change, one line a resource */
  plan(): Promise<string[]>;
  destroy(): Promise<void>;
  /** @returns the outputs by name */
  outputs(): Promise<Record<string, unknown>>;
}

/** @param folder the stack's own, with `cdk.tf.json` */
export function terraform(folder: string, moto: Moto): Terraform {
  const mirror = findProviderMirror();
  retarget(join(folder, "cdk.tf.json"), moto, mirror);
  const configFile = join(folder, "terraform.rc");
  writeFileSync(configFile, cliConfig(mirror));
  // Nothing of the user's AWS set-up: no profile, no credential, no region.
  const env = { PATH: process.env.PATH, HOME: folder, TF_CLI_CONFIG_FILE: configFile, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };

  const run = async (command: string, args: readonly string[] = []): Promise<string> => {
    const process = spawn("terraform", [command, "-no-color", ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr, [status]] = await Promise.all([text(process.stdout), text(process.stderr), once(process, "close")]);
    if (status !== 0) throw new Error(`terraform ${command} ended with ${status}:\n${stdout.slice(-4_000)}\n${stderr}`);
    return stdout;
  };

  return {
    init: async () => void (await run("init", ["-input=false"])),
    validate: async () => void (await run("validate")),
    apply: async () => void (await run("apply", ["-input=false", "-auto-approve"])),
    async plan() {
      await run("plan", ["-input=false", "-out=again.tfplan"]);
      const { resource_changes: changes = [] }: Plan = JSON.parse(await run("show", ["-json", "again.tfplan"]));
      return changes.filter(({ change }) => change.actions.some((action) => action !== "no-op" && action !== "read")).map(describe);
    },
    destroy: async () => void (await run("destroy", ["-input=false", "-auto-approve"])),
    async outputs() {
      const outputs: Record<string, { value: unknown }> = JSON.parse(await run("output", ["-json"]));
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    },
  };
}

/** The part of `terraform show -json` that is read here. */
interface Plan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: { readonly actions: readonly string[]; readonly before: Attributes | null; readonly after: Attributes | null };
  }[];
}

type Attributes = Readonly<Record<string, unknown>>;

function describe({ address, change: { actions, before, after } }: NonNullable<Plan["resource_changes"]>[number]): string {
  const names = Object.keys({ ...before, ...after });
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return `${actions.join("+")} ${address}: ${changed.map((name) => `${name} ${JSON.stringify(before?.[name])} → ${JSON.stringify(after?.[name])}`).join(", ")}`;
}

function retarget(path: string, { endpoint, endpoints }: Moto, mirror: ProviderMirror | undefined): void {
  const stack = JSON.parse(readFileSync(path, "utf8"));
  if (mirror !== undefined) stack.terraform.required_providers.aws.version = mirror.version;
  stack.terraform.backend = { local: { path: "terraform.tfstate" } };
  stack.provider.aws = stack.provider.aws.map((provider: object) => ({
    ...provider,
    access_key: "simulated",
    secret_key: "simulated",
    skip_credentials_validation: true,
    skip_requesting_account_id: true,
    skip_metadata_api_check: true,
    s3_use_path_style: true,
    max_retries: 2,
    endpoints: [Object.fromEntries(SERVICES.map((service) => [service, endpoints[service] ?? endpoint]))],
  }));
  writeFileSync(path, JSON.stringify(stack, null, 2));
}

const cliConfig = (mirror: ProviderMirror | undefined): string =>
  mirror === undefined ? "" : `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror.root)}\n  }\n}\n`;
