/**
 * Where an audit file's chain stands, from its last bytes alone: opening takes as long for a year of events as for a
 * day of them. A file that does not end in a chain is refused rather than written to.
 */
import type { FileHandle } from "node:fs/promises";
import { CHAIN_START, type ChainState, parseObject, readChainLine } from "../../audit/chain.js";

const TAIL_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const LF = 0x0a;

export interface AuditTail {
  /** Bytes up to and with the last whole line. */
  readonly size: number;
  readonly head: ChainState;
  /** What a crash left of a line after it. */
  readonly torn: Buffer;
}

/** @throws Error that says why the file is no audit, or not an intact one */
export const readAuditTail = async (file: FileHandle): Promise<AuditTail> => {
  const { size: fileBytes } = await file.stat();
  let tail: Buffer;
  let end = -1;
  let start = -1;
  // Backwards until the tail holds the LF before the last whole line, or everything.
  for (let want = TAIL_BYTES; ; want *= 2) {
    tail = await readLast(file, fileBytes, want);
    end = tail.lastIndexOf(LF);
    start = end > 0 ? tail.lastIndexOf(LF, end - 1) : -1;
    if (start !== -1 || tail.byteLength === fileBytes) break;
    if (tail.byteLength >= MAX_LINE_BYTES) throw new Error("the file does not end in lines of an audit");
  }
  const torn = tail.subarray(end + 1);
  if (!isTorn(torn)) throw new Error("the file ends in bytes that are no part of an audit line");
  if (end === -1) return { size: 0, head: CHAIN_START, torn };
  const last = readChainLine(tail.toString("utf8", start + 1, end));
  if (last === undefined) throw new Error("the last whole line is not an intact audit event: verify the file, then move it away");
  return { size: fileBytes - torn.byteLength, head: last.state, torn };
};

const readLast = async (file: FileHandle, fileBytes: number, want: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(Math.min(want, fileBytes));
  let read = 0;
  while (read < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, read, bytes.byteLength - read, fileBytes - bytes.byteLength + read);
    if (bytesRead === 0) throw new Error("the file shrank while it was read");
    read += bytesRead;
  }
  return bytes;
};

/** A beginning of a line, or a line that lacks only its LF. Whole JSON of another kind is somebody else's file. */
const isTorn = (bytes: Buffer): boolean => {
  const text = bytes.toString("utf8");
  const begins = '{"'.startsWith(text.slice(0, 2));
  return begins && (parseObject(text) === undefined || readChainLine(text) !== undefined);
};
