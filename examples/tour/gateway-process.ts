/** The gateway in a process of its own, started as an operator would, and its audit as it grows. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainedAuditEvent } from "sallyport/audit";
import type { StoredCredentials } from "./credentials.js";

type RequestLine = Extract<ChainedAuditEvent, { requestId: string }>;

export interface AuditLine {
  readonly event: RequestLine;
  readonly line: string;
}

export interface GatewayProcess {
  readonly url: string;
  /** The next line that says how a call ended: an outcome or a denial. */
  nextAuditLine(): Promise<AuditLine>;
  /** All that the process printed. */
  output(): string;
  /** Drains and ends it. */
  stop(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly command: readonly string[];
  readonly policyFile: string;
  readonly store: StoredCredentials;
  readonly folder: string;
  /** The upstream's name, which stands for loopback here. */
  readonly host: string;
  readonly caFile: string;
}

const START_MS = 20_000;
const AUDIT_MS = 10_000;

export async function startGatewayProcess({
  command,
  policyFile,
  store,
  folder,
  host,
  caFile,
}: GatewayProcessOptions): Promise<GatewayProcess> {
  const state = join(folder, "state");
  const args = [
    ...command,
    policyFile,
    ...["--listen", "127.0.0.1:0", "--state", state, "--secrets", store.secretsFile, "--key-file", store.keyFile],
    ...["--resolve", `${host}=127.0.0.1`, "--allow-upstream-cidr", "127.0.0.1/32", "--json"],
  ];
  const child = spawn(process.execPath, args, { env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const ended = once(child, "exit");

  let url: string | undefined;
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      output += `${line}\n`;
      const said = JSON.parse(line) as { event: string; url?: string };
      if (said.event === "listening") url = said.url;
      if (said.event === "ready") return;
    }
  })();
  await Promise.race([ready, ended, sleep(START_MS, undefined, { ref: false })]);
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new Error(`the gateway did not start:\n${output}`);
  }

  let linesRead = 0;
  return {
    url,
    async nextAuditLine() {
      for (let waited = 0; waited < AUDIT_MS; waited += 20) {
        const lines = (await readFile(join(state, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
        const fresh = lines.slice(linesRead);
        const at = fresh.findIndex((line) => /"kind":"(?:outcome|denial)"/.test(line));
        if (at >= 0) {
          linesRead += at + 1;
          return { event: JSON.parse(fresh[at]!) as RequestLine, line: fresh[at]! };
        }
        await sleep(20);
      }
      throw new Error("the audit did not record the call");
    },
    output: () => output,
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      await ended;
    },
  };
}
