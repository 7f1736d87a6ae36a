/** A simulated AWS on loopback: Moto's server, on a free port, for as long as the test runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startRestApiShim } from "./rest-api-shim.js";

const START_SECONDS = 30;

export interface Moto {
  readonly endpoint: string;
  /** The endpoints of services that need another one. */
  readonly endpoints: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.on("data", (chunk) => {
    log = (log + chunk).slice(-4_000);
  });
  const failed = new Promise<never>((_resolve, reject) => {
    server.once("error", (cause) => reject(new Error("moto_server cannot be started: install moto[server]", { cause })));
    server.once("exit", (code) => reject(new Error(`moto_server ended with ${code}:\n${log}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([isReady(endpoint), failed]);
  const shim = await startRestApiShim(endpoint);
  const stop = async (): Promise<void> => {
    shim.stop();
    if (hasEnded(server)) return;
    server.kill();
    await once(server, "exit");
  };
  return { endpoint, endpoints: { apigateway: shim.endpoint }, stop };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function isReady(endpoint: string): Promise<void> {
  for (const deadline = Date.now() + START_SECONDS * 1000; Date.now() < deadline; await sleep(100)) {
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`moto_server does not answer at ${endpoint}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
