/**
 * The Lambda function as an instance of it comes up, against an empty handler and against what one would write by hand.
 * Every round is a process of its own, run by the same runtime client, under the Node.js that Lambda runs if it is here.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { node22 } from "../deploy/node22.js";
import { PROJECT } from "../deploy/project.js";
import { startRuntimeApi } from "../deploy/runtime-api.js";
import { FUNCTION_ARN } from "../fakes/api-gateway.js";
import { callEvent, type Functions, type LambdaFunction, sizeKib, startFunctions } from "./lambda/functions.js";
import { compare, type Effort, type Line, type Round } from "./measure.js";

const BOOTSTRAP = join(PROJECT, "test/deploy/bootstrap.mjs");
const TIMEOUT_MS = 10_000;
const EMPTY = "empty handler";
const HAND_WRITTEN = "GetSecretValue and fetch by hand";

type Work = (functions: Functions) => Promise<Line[]>;

async function withFunctions(work: Work): Promise<Line[]> {
  const functions = await startFunctions();
  try {
    return await work(functions);
  } finally {
    await functions.stop();
  }
}

const MS = { unit: "ms", better: "lower" } as const;

/** All that a call needs, not only what is loaded before the first line has run. */
export const moduleLoad = (effort: Effort): Promise<Line[]> =>
  withFunctions(({ ours, empty }) =>
    compare(
      { ...MS, name: "module load", ours: loading(ours, /^(index|deployment|aws-door|undici)/), peers: { [EMPTY]: loading(empty, /./) } },
      effort,
    ),
  );

export const processStart = (effort: Effort): Promise<Line[]> =>
  withFunctions(({ ours, empty }) =>
    compare({ ...MS, name: "process start", ours: starting(ours), peers: { [EMPTY]: starting(empty) } }, effort),
  );

export const firstAnswer = (effort: Effort): Promise<Line[]> =>
  withFunctions(({ ours, handWritten }) =>
    compare({ ...MS, name: "first answer", ours: answering(ours), peers: { [HAND_WRITTEN]: answering(handWritten) } }, effort),
  );

export const bundleSize = (effort: Effort): Promise<Line[]> =>
  withFunctions(({ ours, handWritten }) =>
    compare(
      {
        name: "bundle size",
        unit: "KiB",
        better: "lower",
        ours: () => sizeKib(ours),
        peers: { [HAND_WRITTEN]: () => sizeKib(handWritten) },
      },
      effort,
    ),
  );

function loading({ folder }: LambdaFunction, modules: RegExp): Round {
  const paths = readdirSync(folder).filter((name) => name.endsWith(".mjs") && modules.test(name));
  const script = `const startedAt = performance.now();
    await Promise.all(${JSON.stringify(paths)}.map((name) => import(${JSON.stringify(`${folder}/`)} + name)));
    console.log(performance.now() - startedAt);
    process.exit();`;
  const node = lambdaNode();
  return () => Number(execFileSync(node, ["--input-type=module", "--eval", script], { encoding: "utf8", env: {} }));
}

/** Until it asks for its first event. */
const starting = (lambda: LambdaFunction): Round => inProcess(lambda, (runtime) => runtime.ready);

/** Until the answer to its first event is there. */
const answering = (lambda: LambdaFunction): Round =>
  inProcess(lambda, async (runtime) => {
    const { statusCode } = (await runtime.invoke(callEvent())) as { statusCode: number };
    if (statusCode !== 200) throw new Error(`an unexpected answer: ${statusCode}`);
  });

type RuntimeApi = Awaited<ReturnType<typeof startRuntimeApi>>;

/** Milliseconds from the start of a process to the end of the work. */
function inProcess({ folder, environment }: LambdaFunction, work: (runtime: RuntimeApi) => Promise<unknown>): Round {
  const node = lambdaNode();
  const nothing = (): void => {};
  return async () => {
    const runtime = await startRuntimeApi({ functionArn: FUNCTION_ARN, timeoutMs: TIMEOUT_MS, onIdle: nothing, onEvent: nothing });
    const env = { ...environment, AWS_LAMBDA_RUNTIME_API: runtime.address, LAMBDA_TASK_ROOT: folder, _HANDLER: "index.handler" };
    const startedAt = performance.now();
    const child = spawn(node, [BOOTSTRAP], { env, stdio: ["ignore", "ignore", "inherit"] });
    const exited = once(child, "exit");
    const ended = exited.then(([code]) => Promise.reject(new Error(`the function ended with ${code}`)));
    try {
      await Promise.race([work(runtime), ended]);
      return performance.now() - startedAt;
    } finally {
      ended.catch(() => {});
      child.kill("SIGKILL");
      await exited;
      runtime.stop();
    }
  };
}

/** Lambda's own where it can be had, else this one, which is said. */
function lambdaNode(): string {
  try {
    return node22();
  } catch (error) {
    process.stderr.write(`measuring under ${process.version}: ${(error as Error).message}\n`);
    return process.execPath;
  }
}
