/**
 * Terraform on one synthesized stack: its JSON is pointed at the simulated AWS and at the provider that is here, then
 * init, validate, apply, plan and destroy run as a user would run them. What Terraform says is kept in `logs/`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Moto } from "./moto.js";
import type { ProviderMirror } from "./provider-mirror.js";

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

/** The commands that have run, without what this simulation adds to them. */
export const commandsRun = new Set<string>();

type Attributes = Readonly<Record<string, unknown>>;

/** The attributes of a resource in the state. */
export type StateResource = Attributes;

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: { readonly actions: readonly string[]; readonly before: Attributes | null; readonly after: Attributes | null };
}

export interface Terraform {
  init(): Promise<void>;
  validate(): Promise<void>;
  /** @param planFile a plan of {@link plan}. Default: whatever there is to do */
  apply(planFile?: string): Promise<void>;
  /**
   * With `-detailed-exitcode`.
   * @param planFile where the plan is kept, and as JSON in `<planFile>.json`
   * @returns what applying it would change
   */
  plan(planFile: string): Promise<ResourceChange[]>;
  destroy(): Promise<void>;
  /** @returns why it was refused @throws Error when it was not */
  refusedDestroy(): Promise<string>;
  outputs(): Readonly<Record<string, unknown>>;
  resources(type: string): StateResource[];
}

export interface TerraformOptions {
  /** The stack's own, with `cdk.tf.json`. */
  readonly folder: string;
  readonly moto: Moto;
  readonly mirror: ProviderMirror;
  /** Gets what Terraform says to its users, line by line. */
  readonly tell: (line: string) => void;
}

/** Lines that say how a command ended. */
const RESULT = /^(?:Terraform has been successfully|Success!|No changes\.|Plan:|Apply complete!|Destroy complete!|Error: )/;
const STATE = "terraform.tfstate";
/** The simulated AWS answers one call after the other. */
const PARALLELISM = "-parallelism=16";

export function terraform({ folder, moto, mirror, tell }: TerraformOptions): Terraform {
  retarget(join(folder, "cdk.tf.json"), moto, mirror);
  const configFile = join(folder, "terraform.rc");
  writeFileSync(configFile, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror.root)}\n  }\n}\n`);
  const logs = join(folder, "logs");
  mkdirSync(logs, { recursive: true });
  // Nothing of the user's set-up: no profile, no credential, no region, no configuration.
  const env = { PATH: process.env.PATH, HOME: folder, TF_CLI_CONFIG_FILE: configFile, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };

  const run = async (command: string, ...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
    commandsRun.add([command, ...args.filter((arg) => arg === "-detailed-exitcode")].join(" "));
    const process = spawn("terraform", [command, "-no-color", ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr, [status]] = await Promise.all([text(process.stdout), text(process.stderr), once(process, "close")]);
    appendFileSync(join(logs, `terraform-${command}.log`), stdout + stderr);
    return { status, stdout, stderr };
  };
  /** Runs a command that must end with one of `statuses`. */
  const succeed = async (statuses: readonly number[], command: string, ...args: string[]) => {
    const { status, stdout, stderr } = await run(command, ...args);
    if (!statuses.includes(status)) throw new Error(`terraform ${command} ended with ${status}:\n${stdout.slice(-4_000)}\n${stderr}`);
    for (const line of stdout.split("\n")) if (RESULT.test(line)) tell(line);
    return { status, stdout };
  };
  const state = () => JSON.parse(readFileSync(join(folder, STATE), "utf8"));

  return {
    init: async () => void (await succeed([0], "init", "-input=false")),
    validate: async () => void (await succeed([0], "validate")),
    apply: async (planFile) => void (await succeed([0], "apply", "-input=false", PARALLELISM, planFile ?? "-auto-approve")),
    async plan(planFile) {
      const { status } = await succeed([0, 2], "plan", "-input=false", "-detailed-exitcode", PARALLELISM, `-out=${planFile}`);
      if (status === 0) return [];
      const { stdout } = await run("show", "-json", planFile);
      writeFileSync(join(folder, `${planFile}.json`), stdout);
      const { resource_changes: changes = [] }: { resource_changes?: ResourceChange[] } = JSON.parse(stdout);
      return changes.filter(({ change }) => change.actions.some((action) => action !== "no-op" && action !== "read"));
    },
    destroy: async () => void (await succeed([0], "destroy", "-input=false", "-auto-approve", PARALLELISM)),
    async refusedDestroy() {
      const { status, stderr } = await run("destroy", "-input=false", "-auto-approve", PARALLELISM);
      if (status === 0) throw new Error("terraform destroy was not refused");
      return stderr;
    },
    outputs: () => Object.fromEntries(Object.entries<{ value: unknown }>(state().outputs).map(([name, { value }]) => [name, value])),
    resources: (type) =>
      state().resources.flatMap((resource: { mode: string; type: string; instances: { attributes: StateResource }[] }) =>
        resource.mode === "managed" && resource.type === type ? resource.instances.map(({ attributes }) => attributes) : [],
      ),
  };
}

/** One line a change, for a failed assertion. */
export function describeChange({ address, change: { actions, before, after } }: ResourceChange): string {
  const names = Object.keys({ ...before, ...after });
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return `${actions.join("+")} ${address}: ${changed.map((name) => `${name} ${JSON.stringify(before?.[name])} → ${JSON.stringify(after?.[name])}`).join(", ")}`;
}

function retarget(path: string, { endpoint, endpoints }: Moto, mirror: ProviderMirror): void {
  const stack = JSON.parse(readFileSync(path, "utf8"));
  stack.terraform.required_providers.aws.version = mirror.version;
  stack.terraform.backend = { local: { path: STATE } };
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
