/** An {@link Io} in memory: files, standard input, answers to prompts and signals are given; what was printed is kept. */
import type { Io, Signal } from "../../lib/cli/io.js";
import { run } from "../../lib/cli/run.js";
import { manualClock, seededRandom } from "../fakes/memory-ports.js";

export interface FakeWorld {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Files that others may read are refused as private ones. */
  readonly privateFiles?: Readonly<Record<string, string>>;
  /** Absent: a terminal. */
  readonly stdin?: string | Uint8Array;
  readonly answers?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly nowMs?: number;
}

export const NOW_MS = Date.parse("2026-01-15T12:00:00.000Z");

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  readonly questions: readonly string[];
  readonly signal: (signal: Signal) => void;
}

export function fakeIo(world: FakeWorld = {}): FakeIo {
  const { files = {}, privateFiles = {}, stdin, answers = [], env = {}, isTTY = false, nowMs = NOW_MS } = world;
  const printed = { out: "", err: "" };
  const questions: string[] = [];
  const handlers = new Map<Signal, Set<() => void>>();
  const stream = (name: "out" | "err") => ({
    isTTY,
    write(text: string) {
      printed[name] += text;
    },
  });
  const readFile = async (path: string): Promise<Buffer> => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT" });
    return Buffer.from(content);
  };
  return {
    readFile,
    async *readChunks(path) {
      yield await readFile(path);
    },
    readPrivateFile: (path) => (privateFiles[path] === undefined ? undefined : Buffer.from(privateFiles[path])),
    readStdin: async () => Buffer.from(stdin ?? ""),
    stdinIsTTY: stdin === undefined,
    stdout: stream("out"),
    stderr: stream("err"),
    env,
    clock: manualClock(nowMs),
    random: seededRandom("cli"),
    async promptHidden(question) {
      questions.push(question);
      return answers[questions.length - 1] ?? "";
    },
    onSignal(signal, handler) {
      const listening = handlers.get(signal) ?? new Set();
      handlers.set(signal, listening.add(handler));
      return () => listening.delete(handler);
    },
    out: () => printed.out,
    err: () => printed.err,
    questions,
    signal: (signal) => handlers.get(signal)?.forEach((handle) => void handle()),
  };
}

/** Runs one command line in this process. */
export async function runCli(words: readonly string[], world: FakeWorld = {}) {
  const io = fakeIo(world);
  const exitCode = await run(words, io);
  return { exitCode, out: io.out(), err: io.err(), questions: io.questions };
}
