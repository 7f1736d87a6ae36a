/**
 * Deploys the examples by real Terraform to a simulated AWS, runs the function that was deployed as Lambda runs it, and
 * tears all down again. Names as arguments choose examples: `npm run test:deploy -- payments`.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../fakes/certificates.js";
import { deployScenario } from "./deploy-scenario.js";
import { PROJECT } from "./project.js";
import { requiredTools } from "./required-tools.js";
import { type Scenario, scenarios } from "./scenarios.js";
import { stepsOf, type Tally } from "./steps.js";
import { commandsRun } from "./terraform.js";

/** The AWS stores keep their contracts over the same simulation. */
function storeTests(): void {
  const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "--config", "test/deploy/vitest.config.mts"], {
    cwd: PROJECT,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`vitest ended with ${status}`);
}

/** `terraform -chdir=… apply` in README's section on deployment is `apply` here. */
function readmeCommands(): void {
  const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
  const shown = [...readme.matchAll(/^terraform -chdir=\S+ ([a-z -]+[a-z])/gm)].map(([, command]) => command!);
  assert.ok(shown.length > 0, "README shows no Terraform command");
  for (const command of shown) assert.ok(commandsRun.has(command), `README shows \`terraform ${command}\`, which did not run`);
}

async function main(chosen: readonly string[]): Promise<void> {
  const tools = requiredTools();
  const authority = await createAuthority("Deployment test authority");
  const all = await scenarios(authority);
  const unknown = chosen.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`no such example: ${unknown.join(", ")}`);

  const tally: Tally = { passed: 0, failed: 0 };
  const root = mkdtempSync(join(tmpdir(), "sallyport-deploy-"));
  const run = (scenario: Scenario): Promise<void> => {
    const folder = join(root, scenario.name);
    mkdirSync(folder);
    return deployScenario({ scenario, authority, tools, folder, steps: stepsOf(scenario.name, tally) }).catch(tellFailure);
  };
  await Promise.all(all.filter(({ name }) => chosen.length === 0 || chosen.includes(name)).map(run));
  await stepsOf("README", tally).step("every Terraform command that README shows has run", readmeCommands).catch(tellFailure);
  if (chosen.length === 0) await stepsOf("stores", tally).step("the AWS stores keep their contracts", storeTests).catch(tellFailure);

  if (tally.failed === 0) rmSync(root, { recursive: true, force: true });
  else console.error(`what was written is kept in ${root}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
}

function tellFailure(error: Error): void {
  console.error(error.stack);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
