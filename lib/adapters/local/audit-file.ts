/**
 * The audit as a file that only grows: one hash chain (`lib/audit/chain.ts`), one line an event. `append` resolves when
 * the bytes are with the operating system, so a killed process loses nothing that was acknowledged; they reach the disk
 * within 200 ms. While nothing can be written every append fails, which refuses the calls (THREATS, fault 12).
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { type AuditRecord, type ChainState, chainEvent } from "../../audit/chain.js";
import type { LifecycleEvent } from "../../audit/event.js";
import { SallyportError } from "../../errors.js";
import type { AuditSink, Clock } from "../../ports.js";
import { readAuditTail } from "./audit-tail.js";
import { acquireFileLock } from "./file-lock.js";
import { groupCommit } from "./group-commit.js";
import { systemClock } from "./system-ports.js";

export interface AuditFile extends AuditSink {
  /** The last event written. */
  head(): ChainState;
  /** Writes what was appended, syncs, and lets the file go. Later appends fail. */
  close(): Promise<void>;
}

export interface AuditFileOptions {
  /** Made with mode 0600 where it is missing, its folder with 0700. */
  readonly path: string;
  readonly clock?: Clock;
}

const SYNC_INTERVAL_MS = 200;

/**
 * Continues the chain that the file holds. A last line that a crash cut off is taken out, and a `recovered` event with
 * its length and SHA-256 put in its place.
 * @throws {STORE_UNUSABLE} when another process writes to the file, or it does not end in a chain
 * @throws {AUDIT_UNAVAILABLE} when the `recovered` event cannot be written
 */
export const openAuditFile = async ({ path, clock = systemClock }: AuditFileOptions): Promise<AuditFile> => {
  const unlock = acquireFileLock(path);
  let file: FileHandle | undefined;
  try {
    file = await open(path, "a+", 0o600);
    const { torn, ...end } = await readAuditTail(file);
    const dirty = torn.byteLength > 0;
    const audit = auditWriter(file, { ...end, dirty }, unlock);
    if (dirty) await audit.append(recovered(torn, clock.now()));
    return audit;
  } catch (cause) {
    await file?.close();
    unlock();
    if (cause instanceof SallyportError && cause.code === "AUDIT_UNAVAILABLE") throw cause;
    throw new SallyportError("STORE_UNUSABLE", { path }, { message: `${path}: ${cause instanceof Error ? cause.message : cause}`, cause });
  }
};

interface WriterState {
  /** Bytes of the file that hold whole, acknowledged events. */
  readonly size: number;
  readonly head: ChainState;
  /** Whether the file may hold other bytes after them. */
  readonly dirty: boolean;
}

const auditWriter = (file: FileHandle, start: WriterState, unlock: () => void): AuditFile => {
  let { size, head, dirty } = start;
  /** Whether the last sync failed: then the next events are acknowledged only after a sync that does not. */
  let syncFailed = false;
  let syncTimer: NodeJS.Timeout | undefined;
  let closed = false;

  const rollBack = async (): Promise<void> => {
    await file.truncate(size);
    dirty = false;
  };
  const sync = (): Promise<void> =>
    file.datasync().then(
      () => {
        syncFailed = false;
      },
      (error) => {
        syncFailed = true;
        throw error;
      },
    );
  const syncSoon = (): void => {
    syncTimer ??= setTimeout(() => {
      syncTimer = undefined;
      sync().catch(() => {}); // `syncFailed` remembers.
    }, SYNC_INTERVAL_MS).unref();
  };

  const writer = groupCommit<AuditRecord, SallyportError | undefined>(async (events) => {
    let next = head;
    let text = "";
    const refusals = events.map((event) => {
      try {
        const { line, state } = chainLeniently(next, event);
        text += `${line}\n`;
        next = state;
        return undefined;
      } catch (cause) {
        return unavailable("the event cannot be written as JSON", cause);
      }
    });
    const bytes = Buffer.from(text, "utf8");
    try {
      if (dirty) await rollBack();
      dirty = true;
      await writeAll(file, bytes);
      if (syncFailed) await sync();
      dirty = false;
    } catch (cause) {
      await rollBack().catch(() => {}); // `dirty` remembers.
      throw unavailable("the events cannot be written", cause);
    }
    size += bytes.byteLength;
    head = next;
    syncSoon();
    return refusals;
  });

  return {
    head: () => head,
    async append(event) {
      if (closed) throw unavailable("the audit file is closed");
      const refusal = await writer.submit(event);
      if (refusal !== undefined) throw refusal;
    },
    async close() {
      if (closed) return;
      closed = true;
      await writer.idle();
      clearTimeout(syncTimer);
      try {
        await sync();
      } finally {
        await file.close();
        unlock();
      }
    },
  };
};

/**
 * Details are free-form, and partly the caller's: what JSON leaves out (undefined), replaces (NaN) or cannot encode (a
 * lone surrogate) must not keep a denial out of the audit.
 */
const chainLeniently = (state: ChainState, event: AuditRecord): ReturnType<typeof chainEvent> => {
  try {
    return chainEvent(state, event);
  } catch {
    const plain = JSON.parse(JSON.stringify(event), (_, value) => (typeof value === "string" ? Buffer.from(value).toString() : value));
    return chainEvent(state, plain);
  }
};

/** `write` may take a part only, as a disk that is nearly full does. */
const writeAll = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let written = 0; written < bytes.byteLength; ) written += (await file.write(bytes, written)).bytesWritten;
};

const recovered = (torn: Buffer, nowMs: number): LifecycleEvent => ({
  time: new Date(nowMs).toISOString(),
  kind: "lifecycle",
  action: "recovered",
  details: { tornBytes: torn.byteLength, tornSha256: createHash("sha256").update(torn).digest("hex") },
});

const unavailable = (problem: string, cause?: unknown): SallyportError =>
  new SallyportError("AUDIT_UNAVAILABLE", { problem }, { message: problem, cause });
