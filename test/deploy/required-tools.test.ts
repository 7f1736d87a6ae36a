/** A tool that is missing ends the deployment test with 1, its name and the cure. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { node22 } from "./node22.js";
import { PROJECT } from "./project.js";
import { findProviderMirror } from "./provider-mirror.js";

it("the deployment test fails without its tools, and names each with its cure", () => {
  const env = { PATH: "/nowhere", TF_PLUGIN_DIR: "/nowhere", SALLYPORT_NODE22: "/nowhere/node" };
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, "dist/test/deploy/main.js")], { env, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([
    "terraform is missing. Install Terraform 1.5 or newer: https://developer.hashicorp.com/terraform/install.",
    "moto_server is missing. Run `python3 -m pip install 'moto[server]'`.",
    "python3 is missing. Install Python 3: it unpacks archives and plans.",
    "the Terraform AWS provider is missing. Run `terraform providers mirror FOLDER` in a stack's folder, and set TF_PLUGIN_DIR=FOLDER.",
    expect.stringContaining("Node.js 22 is needed. SALLYPORT_NODE22 names /nowhere/node, which is another."),
  ]);
});

it("Node.js 22 is what runs under the path that is given", () => {
  expect(spawnSync(node22(), ["--version"], { encoding: "utf8" }).stdout).toMatch(/^v22\./);
});

describe("the provider", () => {
  const mirrorWith = (...names: string[]) => {
    const root = join(temporaryFolder(onTestFinished), "some/where");
    const folder = join(root, "registry.terraform.io/hashicorp/aws");
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      if (name.endsWith("/")) mkdirSync(join(folder, name));
      else writeFileSync(join(folder, name), "");
    }
    return { root, found: findProviderMirror({ TF_PLUGIN_DIR: join(root, "../..") }) };
  };

  it("is found below the folder, unpacked or packed, and the newest wins", () => {
    const unpacked = mirrorWith("5.9.0/", "5.100.0/", "index.json");
    expect(unpacked.found).toEqual({ root: unpacked.root, version: "5.100.0" });
    const packed = mirrorWith("terraform-provider-aws_6.2.1_linux_amd64.zip");
    expect(packed.found).toEqual({ root: packed.root, version: "6.2.1" });
  });

  it("is not found where there is no version of it", () => {
    expect(mirrorWith("index.json").found).toBeUndefined();
  });
});
