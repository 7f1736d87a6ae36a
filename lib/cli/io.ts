/** What a command asks of the world. Tests give a fake one; `process-io` is the real one. */
import type { Clock, Random } from "../ports.js";

export interface OutputStream {
  readonly isTTY: boolean;
  write(text: string): void;
}

export type StopSignal = "SIGINT" | "SIGTERM";
export type Signal = StopSignal | "SIGHUP";

export interface Io {
  /** @throws an errno error */
  readFile(path: string): Promise<Uint8Array>;
  /** The same, piece by piece, for files that need not fit into memory. */
  readChunks(path: string): AsyncIterable<Uint8Array>;
  /**
   * A file that nobody but its owner may read; undefined when there is none.
   * @throws {STORE_UNUSABLE} when others have access to it
   */
  readPrivateFile(path: string): Uint8Array | undefined;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
  readonly stdinIsTTY: boolean;
  /** Carries results only. */
  readonly stdout: OutputStream;
  /** Carries errors, warnings and questions. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Asks on the terminal and reads one line without echo. @throws {INPUT_INVALID} when the line is broken off */
  promptHidden(question: string): Promise<string>;
  /** @returns stops listening, which gives the signal its default action back */
  onSignal(signal: Signal, handler: () => void): () => void;
}
