/** The command line as a process of its own. What it printed is kept, for the exit code is not all that may leak. */
import { type ChildProcess, spawn } from "node:child_process";
import { bundleScript } from "../adapters/local/child.js";

export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ChildCli {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line on standard output that `accepts`; rejects when the process ends before. */
  line(accepts: (line: string) => boolean): Promise<string>;
}

/** @returns starts one command; standard input is at its end unless `stdin` is given */
export function childCli(whenDone: (remove: () => void) => void, env: Readonly<Record<string, string>>) {
  const script = bundleScript("cli", 'import "./lib/cli/main.js";', whenDone);
  return (words: readonly string[], stdin = ""): ChildCli => {
    const child = spawn(process.execPath, [script, ...words], { env: { PATH: process.env.PATH, ...env } });
    const printed = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      printed.err += text;
    });
    child.stdin.on("error", () => {}).end(stdin);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject).on("close", (exitCode) => resolve({ exitCode, ...printed }));
    });
    return {
      process: child,
      ended,
      line: (accepts) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const found = printed.out.split("\n").slice(0, -1).find(accepts);
            if (found !== undefined) resolve(found);
          };
          child.stdout.on("data", look);
          look();
          void ended.then(({ exitCode, err }) => reject(new Error(`ended with ${exitCode} before the line came:\n${err}`)), reject);
        }),
    };
  };
}
