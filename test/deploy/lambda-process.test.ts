import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { startLambdaProcess } from "./lambda-process.js";

/** A process whose handler is this source. */
async function started(source: string, timeoutMs = 5_000) {
  const codeFolder = temporaryFolder(onTestFinished);
  writeFileSync(join(codeFolder, "index.mjs"), source);
  const lines: string[] = [];
  const running = await startLambdaProcess({
    node: process.execPath,
    codeFolder,
    handler: "index.handler",
    functionName: "door",
    functionArn: "arn:aws:lambda:eu-west-1:111111111111:function:door:1",
    timeoutMs,
    environment: { COLOUR: "blue" },
    onLine: (line) => lines.push(line),
    onError: () => {},
  });
  onTestFinished(() => running.stop());
  return { ...running, lines };
}

const stateOf = (pid: number): string => spawnSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim()[0]!;

it("a handler gets the event, its environment and its context, and its lines are there with its result", async () => {
  const { invoke, lines } = await started(`
    export const handler = async (event, context) => {
      console.log("seen");
      const left = context.getRemainingTimeInMillis();
      return { event, colour: process.env.COLOUR, arn: context.invokedFunctionArn, inTime: left > 0 && left <= 5000, id: context.awsRequestId };
    };`);
  const results = [await invoke({ n: 1 }), await invoke({ n: 2 })] as { id: string }[];
  expect(results).toMatchObject(
    [1, 2].map((n) => ({ event: { n }, colour: "blue", arn: expect.stringMatching(/:door:1$/), inTime: true })),
  );
  expect(new Set(results.map(({ id }) => id)).size).toBe(2);
  expect(lines).toEqual(["seen", "seen"]);
});

it("the process is frozen between events, and thawed for the next", async () => {
  const { invoke, pid } = await started("export const handler = async () => 'done';");
  await vi.waitFor(() => expect(stateOf(pid)).toBe("T"));
  expect(await invoke({})).toBe("done");
  await vi.waitFor(() => expect(stateOf(pid)).toBe("T"));
});

it("a handler that throws is an error, and the next event is served", async () => {
  const { invoke } = await started(
    "export const handler = async ({ bad }) => { if (bad) throw new TypeError('not that one'); return 1; };",
  );
  await expect(invoke({ bad: true })).rejects.toThrow("TypeError: not that one");
  expect(await invoke({})).toBe(1);
});

it("a handler that does not answer is over time", async () => {
  const { invoke } = await started("export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));", 200);
  await expect(invoke({})).rejects.toThrow("the function did not answer within 200 ms");
});

it("a process that ends is told to whoever waits", async () => {
  const { invoke } = await started("export const handler = async () => process.exit(7);");
  await expect(invoke({})).rejects.toThrow("the function's process ended with 7");
});

it.each([
  ["cannot be read", "export const handler = ;", "SyntaxError"],
  ["has no such handler", "export const other = 1;", "Error: index.handler is not a function"],
])("code that %s is an error of the start", async (_, source, message) => {
  await expect(started(source)).rejects.toThrow(message);
});
