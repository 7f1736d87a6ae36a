/**
 * Requests a second through the gateway with all it has, against proxies that only add a header. Each proxy is a
 * process of its own; upstream and load generator are the same for all, and as light as can be, for they share the
 * machine with what is measured.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LoadOrder, LoadReport } from "./gateway/load.js";
import { compare, type Effort, type Line, type Round } from "./measure.js";

const ROUND_MS = 2000;
/** The compiler of a process that does much takes longer to settle than that of one that does little. */
const WARM_UPS = 2;
/** By the peer's name, its script and arguments. */
const PEERS: Readonly<Record<string, readonly [script: string, ...args: string[]]>> = {
  "bare node:http → undici": ["bare"],
  "http-proxy": ["http-proxy"],
  "http-proxy with a keep-alive agent": ["http-proxy", "keep-alive"],
  "@fastify/http-proxy": ["fastify"],
};

export async function gateway(effort: Effort): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const children: ChildProcess[] = [];
  const start = (script: string, ...args: string[]): ChildProcess => {
    const child = fork(join(__dirname, "gateway", `${script}.js`), args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    children.push(child);
    return child;
  };
  const serve = (script: string, ...args: string[]): Promise<number> => portOf(start(script, ...args), script);
  try {
    const upstream = String(await serve("upstream"));
    const load = start("load");
    const round = async (script: string, ...args: string[]): Promise<Round> => {
      const port = await serve(script, upstream, ...args);
      return () => runLoad(load, { port, isSigned: script === "ours", milliseconds: ROUND_MS * effort.timeScale });
    };
    const ours = await round("ours", folder);
    const peers = Object.fromEntries(
      await Promise.all(Object.entries(PEERS).map(async ([name, started]) => [name, await round(...started)] as const)),
    );
    return await compare({ name: "gateway", unit: "requests/s", better: "higher", ours, peers, warmUps: WARM_UPS }, effort);
  } finally {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A server's first line is its port. */
async function portOf(child: ChildProcess, script: string): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) return Number(line);
  throw new Error(`${script} ended before it listened`);
}

async function runLoad(load: ChildProcess, order: LoadOrder): Promise<number> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const exited = once(load, "exit", { signal }).then(([code]): [LoadReport] => [{ failure: `it exited with ${code}` }]);
  load.send(order);
  try {
    const [report] = (await Promise.race([once(load, "message", { signal }), exited])) as [LoadReport];
    if ("failure" in report) throw new Error(`the load generator failed: ${report.failure}`);
    return report.requestsPerSecond;
  } finally {
    waiting.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
