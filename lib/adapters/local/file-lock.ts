/**
 * One process at a time: a lock file that names its holder. The lock of a process that is gone is taken over; which of
 * several successors gets to remove it is decided by a hard link, because a link can be made only once.
 */
import { existsSync, linkSync, readFileSync, rmSync } from "node:fs";
import { SallyportError } from "../../errors.js";
import { createPrivateFile, isErrno } from "./private-file.js";

/**
 * What tells a process from another of the same id, for ids are used again: in a container every run may have the same
 * one. On Linux the boot and the start of the process within it; elsewhere only this process knows its own start.
 * @returns undefined for a process that is gone, or dead and not yet buried
 */
const lifeOf = (pid: number): string | undefined => {
  const boot = readIfThere("/proc/sys/kernel/random/boot_id");
  if (boot === undefined) return pid === process.pid ? String(Math.round(performance.timeOrigin)) : undefined;
  // After the command's closing bracket: state is field 3, start time field 22 (proc(5)).
  const fields = readIfThere(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
  return fields === undefined || fields[0] === "Z" ? undefined : `${boot.trim()}/${fields[19]}`;
};

const self = (): string => `${process.pid} ${lifeOf(process.pid)}`;

/**
 * @param path of the file to guard; the lock stands beside it as `path.lock`
 * @returns releases the lock
 * @throws {STORE_UNUSABLE} when another holder lives; `details.pid` names it
 */
export const acquireFileLock = (path: string): (() => void) => {
  const lock = `${path}.lock`;
  while (!createPrivateFile(lock, self())) {
    const holder = readIfThere(lock);
    if (holder === undefined) continue;
    const pid = Number.parseInt(holder, 10);
    if (isAlive(pid, holder) || !removeStale(lock, holder)) {
      const message = `${path} is in use by process ${pid}; if that process is gone, remove ${lock}`;
      throw new SallyportError("STORE_UNUSABLE", { path, pid }, { message });
    }
  }
  return () => rmSync(lock, { force: true });
};

const isAlive = (pid: number, holder: string): boolean => {
  if (Number.isNaN(pid)) return true;
  const life = lifeOf(pid);
  if (life !== undefined || existsSync("/proc/self/stat")) return holder === `${pid} ${life}`;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, "ESRCH");
  }
};

/** @returns false when another process is removing it */
const removeStale = (lock: string, holder: string): boolean => {
  const turn = `${lock}.${holder.replace(/[ /]/g, "-")}`;
  try {
    linkSync(lock, turn);
  } catch (error) {
    return isErrno(error, "ENOENT");
  }
  // The lock may have been taken over since it was read; only the very one that was judged is removed.
  if (readIfThere(turn) === holder) rmSync(lock, { force: true });
  rmSync(turn, { force: true });
  return true;
};

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return undefined;
    throw error;
  }
};
