/** The process as an {@link Io}. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { readPrivateFile } from "../adapters/local/private-file.js";
import { systemClock, systemRandom } from "../adapters/local/system-ports.js";
import type { Io, OutputStream } from "./io.js";
import { promptHidden } from "./prompt-hidden.js";

export function processIo(): Io {
  return {
    readFile: (path) => readFile(path),
    readChunks: (path) => createReadStream(path),
    readPrivateFile,
    readStdin: () => buffer(process.stdin),
    stdinIsTTY: process.stdin.isTTY === true,
    stdout: outputStream(process.stdout),
    stderr: outputStream(process.stderr),
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    promptHidden,
    onSignal(signal, handler) {
      process.on(signal, handler);
      return () => process.off(signal, handler);
    },
  };
}

/** Whoever reads may stop reading (`| head -1`); that is no fault, and must not end a gateway. */
function outputStream(stream: NodeJS.WriteStream): OutputStream {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return { isTTY: stream.isTTY === true, write: (text) => stream.write(text) };
}
