/**
 * Files that only their owner may read (mode 0600) and that appear whole or not at all: written beside their place,
 * synced, then moved or linked into it. A crash leaves the old file or the new one, never half of one.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { SallyportError } from "../../errors.js";

const OTHERS_ACCESS = 0o077;

/**
 * @returns undefined when there is no such file
 * @throws {STORE_UNUSABLE} when group or others have any access to it, or it cannot be read
 */
export const readPrivateFile = (path: string): Buffer | undefined => {
  try {
    // Judged and read through one descriptor, so that the file cannot be swapped in between.
    const file = openSync(path, constants.O_RDONLY);
    try {
      const mode = fstatSync(file).mode & 0o777;
      if ((mode & OTHERS_ACCESS) === 0) return readFileSync(file);
      const message = `${path} can be read or changed by others (mode 0${mode.toString(8)}): run chmod 600 ${path}`;
      throw new SallyportError("STORE_UNUSABLE", { path, mode: `0${mode.toString(8)}` }, { message });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw asUnusable(path, error);
  }
};

/**
 * Puts a file in place of what stood there; readers see the old one or the new one.
 * @throws {STORE_UNUSABLE}
 */
export const replacePrivateFile = (path: string, data: Uint8Array | string): void =>
  place(path, data, (temporary) => renameSync(temporary, path));

/**
 * Creates a file where none is: of any number of processes one wins.
 * @returns false when the file exists already
 * @throws {STORE_UNUSABLE}
 */
export const createPrivateFile = (path: string, data: Uint8Array | string): boolean => {
  let created = true;
  place(path, data, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      created = false;
    }
  });
  return created;
};

const place = (path: string, data: Uint8Array | string, intoPlace: (temporary: string) => void): void => {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, data, { flag: "wx", mode: 0o600, flush: true });
    intoPlace(temporary);
    syncDirectory(dirname(path));
  } catch (error) {
    throw asUnusable(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
};

/** Without it a rename may be lost with the power. */
const syncDirectory = (path: string): void => {
  const directory = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

export const isErrno = (error: unknown, code: string): boolean => error instanceof Error && "code" in error && error.code === code;

const asUnusable = (path: string, error: unknown): SallyportError =>
  error instanceof SallyportError
    ? error
    : new SallyportError("STORE_UNUSABLE", { path }, { message: `${path}: ${String(error)}`, cause: error });
