/**
 * The AWS provider as it lies on this machine, so that nothing is downloaded: below `TF_PLUGIN_DIR`, else below the
 * folders where providers usually are.
 */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface ProviderMirror {
  readonly root: string;
  /** The newest version that lies there. */
  readonly version: string;
}

const USUAL_FOLDERS = [
  join(homedir(), ".terraform.d"),
  join(homedir(), ".local/share/terraform"),
  "/usr/local/share/terraform",
  "/usr/share/terraform",
  "/opt",
  "/usr/local/lib/terraform",
];

/** How far below such a folder a mirror may begin. */
const MAX_DEPTH = 3;
const REGISTRY = "registry.terraform.io";
/** Unpacked as `5.100.0/`, packed as `terraform-provider-aws_5.100.0_linux_amd64.zip`. */
const VERSION = /^(?:terraform-provider-aws_)?(\d+\.\d+\.\d+)(?:_|$)/;

export function findProviderMirror({ TF_PLUGIN_DIR: chosen }: NodeJS.ProcessEnv = process.env): ProviderMirror | undefined {
  const folders = chosen === undefined ? USUAL_FOLDERS : [chosen];
  const mirrors = folders.flatMap((folder) => mirrorsBelow(folder, MAX_DEPTH)).flatMap((root) => newestIn(root) ?? []);
  return mirrors[0];
}

function mirrorsBelow(folder: string, depth: number): string[] {
  if (existsSync(join(folder, REGISTRY))) return [folder];
  if (depth === 0) return [];
  return foldersIn(folder).flatMap((name) => mirrorsBelow(join(folder, name), depth - 1));
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return []; // Not there, or not for this user.
  }
}

function newestIn(root: string): ProviderMirror | undefined {
  const folder = join(root, REGISTRY, "hashicorp/aws");
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder).flatMap((name) => VERSION.exec(name)?.[1] ?? []);
  const version = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return version === undefined ? undefined : { root, version };
}
