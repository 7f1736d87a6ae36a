/** What the deployment test needs beside this project. A tool that is missing fails the test: it is never skipped. */
import { spawnSync } from "node:child_process";
import { node22 } from "./node22.js";
import { findProviderMirror, type ProviderMirror } from "./provider-mirror.js";

export interface Tools {
  readonly mirror: ProviderMirror;
  /** Path of the executable. */
  readonly node22: string;
}

/** Each with a command that shows it is there, and how to get it. */
const COMMANDS = [
  { name: "terraform", args: ["version"], cure: "Install Terraform 1.5 or newer: https://developer.hashicorp.com/terraform/install" },
  { name: "moto_server", args: ["--help"], cure: "Run `python3 -m pip install 'moto[server]'`" },
  { name: "python3", args: ["--version"], cure: "Install Python 3: it unpacks archives and plans" },
];

/** @throws Error that names every missing tool and how to get it */
export function requiredTools(environment: NodeJS.ProcessEnv = process.env): Tools {
  const missing = COMMANDS.filter(({ name, args }) => spawnSync(name, args, { stdio: "ignore", env: environment }).status !== 0).map(
    ({ name, cure }) => `${name} is missing. ${cure}.`,
  );
  const mirror = findProviderMirror(environment);
  if (mirror === undefined) {
    missing.push(
      "the Terraform AWS provider is missing. Run `terraform providers mirror FOLDER` in a stack's folder, and set TF_PLUGIN_DIR=FOLDER.",
    );
  }
  const node = attempt(() => node22(environment));
  if (node instanceof Error) missing.push(node.message);
  if (missing.length > 0) throw new Error(missing.join("\n"));
  return { mirror: mirror!, node22: node as string };
}

function attempt<Result>(action: () => Result): Result | Error {
  try {
    return action();
  } catch (error) {
    return error as Error;
  }
}
