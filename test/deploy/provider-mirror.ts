/**
 * The AWS provider as it lies on this machine, so that nothing is downloaded. Looked for under `TF_PLUGIN_DIR`, then
 * under the roots Terraform itself knows.
 */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface ProviderMirror {
  readonly root: string;
  /** The newest version that lies there. */
  readonly version: string;
}

const ROOTS = [
  ...(process.env.TF_PLUGIN_DIR === undefined ? [] : [process.env.TF_PLUGIN_DIR]),
  "/opt/tf-plugins",
  join(homedir(), ".terraform.d/plugins"),
  "/usr/local/share/terraform/plugins",
  "/usr/share/terraform/plugins",
];

/** @returns undefined where there is none: Terraform then asks its registry */
export function findProviderMirror(): ProviderMirror | undefined {
  for (const root of ROOTS) {
    const folder = join(root, "registry.terraform.io/hashicorp/aws");
    if (!existsSync(folder)) continue;
    const versions = readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name));
    const version = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
    if (version !== undefined) return { root, version };
  }
  return undefined;
}
