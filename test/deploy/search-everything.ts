/**
 * Searches all that a deployment wrote for its secrets, in every spelling: as it lies there, and what archives and plans
 * have packed. A search that finds nothing proves nothing, so it must find what is planted, also in an archive.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scanTree } from "../fakes/canary.js";
import { unzip } from "./deployed-function.js";

/** Archives of code, and Terraform's binary plans. */
const PACKED = /\.(?:zip|tfplan)$/;
const PLANTED = "planted";

export async function searchEverything(folder: string, secrets: readonly string[]): Promise<void> {
  plant(join(folder, PLANTED), secrets);
  const packed = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => PACKED.test(path));
  for (const path of packed) unzip(join(folder, path), join(folder, `${path}.unpacked`));
  const found = (await scanTree(folder, secrets)).map(({ path, index }) => `${path}: secret ${index}`);
  const planted = secrets.flatMap((_, index) => [`plan.zip.unpacked/state.json`, "state.json"].map((path) => `${path}: secret ${index}`));
  assert.deepEqual(found.sort(), planted.map((place) => join(PLANTED, place)).sort());
}

function plant(folder: string, secrets: readonly string[]): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "state.json"), JSON.stringify(secrets));
  spawnSync("python3", ["-m", "zipfile", "-c", "plan.zip", "state.json"], { cwd: folder });
}
