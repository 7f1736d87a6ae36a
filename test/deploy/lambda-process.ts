/** A function's process as Lambda keeps it: Node.js with the runtime's loop, frozen while there is no event. (Fault 11) */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setImmediate as settled } from "node:timers/promises";
import { PROJECT } from "./project.js";
import { startRuntimeApi } from "./runtime-api.js";

export interface LambdaProcessOptions {
  readonly node: string;
  /** Where the code is. */
  readonly codeFolder: string;
  /** As `file.export`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Gets each line of standard output. */
  readonly onLine: (line: string) => void;
  readonly onError: (chunk: Buffer) => void;
}

export interface LambdaProcess {
  readonly pid: number;
  /** @throws Error when the handler threw, did not answer in time, or its process ended */
  invoke(event: object): Promise<unknown>;
  stop(): Promise<void>;
}

const BOOTSTRAP = join(PROJECT, "test/deploy/bootstrap.mjs");

/** @throws Error when the handler cannot be loaded */
export async function startLambdaProcess(options: LambdaProcessOptions): Promise<LambdaProcess> {
  const { node, codeFolder, handler, functionName, functionArn, timeoutMs, environment, onLine, onError } = options;
  const runtime = await startRuntimeApi({
    functionArn,
    timeoutMs,
    onIdle: () => child.kill("SIGSTOP"),
    onEvent: () => child.kill("SIGCONT"),
  });
  const child: ChildProcess = spawn(node, [BOOTSTRAP], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: runtime.address,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      LAMBDA_TASK_ROOT: codeFolder,
      _HANDLER: handler,
    },
  });
  const exited = once(child, "exit");
  exited.then(
    ([code, signal]) => runtime.stop(`the function's process ended with ${code ?? signal}`),
    (error: Error) => runtime.stop(error.message),
  );
  onEachLine(child.stdout!, onLine);
  child.stderr!.on("data", onError);

  await runtime.ready;
  return {
    pid: child.pid!,
    async invoke(event) {
      const result = await runtime.invoke(event);
      await settled(); // What it wrote before it answered is read by then.
      return result;
    },
    async stop() {
      child.kill("SIGKILL"); // Ends a frozen process too.
      await exited;
    },
  };
}

function onEachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
}
