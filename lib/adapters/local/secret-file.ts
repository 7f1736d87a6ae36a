/**
 * The secrets of a door on one machine: a JSON file whose values are sealed with AES-256-GCM under a key that lives
 * elsewhere, so that a copied store or backup gives nothing away. Name, version and time are authenticated with the
 * value: entries cannot be swapped, renamed or relabelled.
 */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from "node:crypto";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SallyportError } from "../../errors.js";
import type { Clock, Random, SecretStore } from "../../ports.js";
import { SecretValue } from "../../secret-value.js";
import { acquireFileLock } from "./file-lock.js";
import { createPrivateFile, isErrno, readPrivateFile, replacePrivateFile } from "./private-file.js";
import { systemClock, systemRandom } from "./system-ports.js";

export interface SecretFileOptions {
  readonly path: string;
  /** 32 raw bytes, mode 0600; made at the first `set`. Default: {@link defaultKeyPath}. */
  readonly keyPath?: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface SecretListing {
  readonly name: string;
  /** `v1`, `v2`, …: counted for each name, also across removals, so that a version never means two values. */
  readonly version: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** Every method throws STORE_UNUSABLE when store or key can be read by others, are damaged, or do not fit together. */
export interface SecretFile extends SecretStore {
  /** Stores a new version, durably, and returns its name. */
  set(name: string, value: SecretValue): Promise<string>;
  /** Sorted by name; never values. */
  list(): Promise<SecretListing[]>;
  /** @returns false when the name had no value */
  remove(name: string): Promise<boolean>;
}

const CIPHER: CipherGCMTypes = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Entry {
  readonly version: string;
  readonly updatedAt: string;
  /** Base64 of nonce, ciphertext and tag. */
  readonly sealed: string;
}

interface Content {
  readonly format: 1;
  /** How many versions each name has had, also names that were removed. */
  readonly versions: Readonly<Record<string, number>>;
  readonly entries: Readonly<Record<string, Entry>>;
}

const EMPTY: Content = { format: 1, versions: {}, entries: {} };

/** `$XDG_CONFIG_HOME/sallyport/key`, by default `~/.config/sallyport/key`: apart from the store, which may be copied around. */
export const defaultKeyPath = (env: Readonly<Record<string, string | undefined>>): string =>
  join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "sallyport", "key");

/** Nothing is opened yet; a rotation by another process is seen at the next `get`. */
export const secretFile = (options: SecretFileOptions): SecretFile => {
  const { path, keyPath = defaultKeyPath(process.env), clock = systemClock, random = systemRandom } = options;
  let cached: { stamp: string; content: Content } = { stamp: "", content: EMPTY };

  const read = (): Content => {
    const stamp = fileStamp(path);
    if (stamp !== cached.stamp) cached = { stamp, content: parseContent(path, readPrivateFile(path)) };
    return cached.content;
  };
  const readKey = (): Buffer => {
    const key = readPrivateFile(keyPath);
    if (key?.byteLength === KEY_BYTES) return key;
    throw unusable(keyPath, key === undefined ? "the key file is missing" : `the key file must hold ${KEY_BYTES} bytes`);
  };
  const change = (next: (content: Content) => Content): void => {
    const release = acquireFileLock(path);
    try {
      replacePrivateFile(path, `${JSON.stringify(next(read()), null, 2)}\n`);
    } finally {
      release();
    }
  };

  return {
    async get(name) {
      const entry = ownEntry(read().entries, name);
      return entry && { value: open(readKey(), name, entry, path), version: entry.version };
    },
    async set(name, value) {
      let version = "";
      change(({ versions, entries, ...rest }) => {
        // A lost or wrong key must not split the store: a new key is made, and an unproven one used, for an empty store only.
        const [proof] = Object.entries(entries);
        if (proof === undefined) createPrivateFile(keyPath, random.bytes(KEY_BYTES));
        else open(readKey(), ...proof, path);
        const count = (ownEntry(versions, name) ?? 0) + 1;
        version = `v${count}`;
        const label = { version, updatedAt: new Date(clock.now()).toISOString() };
        const entry = { ...label, sealed: seal(readKey(), random.bytes(NONCE_BYTES), name, label, value) };
        return { ...rest, versions: withEntry(versions, name, count), entries: withEntry(entries, name, entry) };
      });
      return version;
    },
    async list() {
      return Object.entries(read().entries)
        .map(([name, { version, updatedAt }]) => ({ name, version, updatedAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async remove(name) {
      if (ownEntry(read().entries, name) === undefined) return false;
      change(({ entries, ...rest }) => ({
        ...rest,
        entries: Object.fromEntries(Object.entries(entries).filter(([other]) => other !== name)),
      }));
      return true;
    },
  };
};

const seal = (key: Buffer, nonce: Uint8Array, name: string, label: Omit<Entry, "sealed">, value: SecretValue): string => {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(associatedData(name, label));
  return Buffer.concat([nonce, cipher.update(value.revealBytes()), cipher.final(), cipher.getAuthTag()]).toString("base64");
};

const open = (key: Buffer, name: string, entry: Entry, path: string): SecretValue => {
  try {
    const sealed = Buffer.from(entry.sealed, "base64");
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(name, entry)).setAuthTag(sealed.subarray(-TAG_BYTES));
    const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return new SecretValue(Buffer.concat([opened, decipher.final()]));
  } catch {
    throw unusable(path, `entry "${name}" cannot be opened: it was changed, or the key is another one`, { name });
  }
};

const associatedData = (name: string, { version, updatedAt }: Omit<Entry, "sealed">): Buffer =>
  Buffer.from(JSON.stringify([name, version, updatedAt]), "utf8");

/** Names come from the command line: `__proto__` and `constructor` are names like any other. */
const ownEntry = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const withEntry = <Value>(record: Readonly<Record<string, Value>>, name: string, value: Value): Record<string, Value> =>
  Object.fromEntries([...Object.entries(record), [name, value]]);

/** Differs whenever the file was replaced, written or given another mode; empty when there is none. */
const fileStamp = (path: string): string => {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw unusable(path, String(error));
  }
};

const parseContent = (path: string, data: Buffer | undefined): Content => {
  if (data === undefined) return EMPTY;
  try {
    const content: Content = JSON.parse(data.toString("utf8"));
    const entries = Object.values(content.entries);
    if (content.format === 1 && typeof content.versions === "object" && entries.every(({ sealed }) => typeof sealed === "string"))
      return content;
  } catch {
    // What is not JSON, or of another shape, is refused below.
  }
  throw unusable(path, "this is not a secret store");
};

const unusable = (path: string, problem: string, details: Readonly<Record<string, unknown>> = {}): SallyportError =>
  new SallyportError("STORE_UNUSABLE", { path, ...details }, { message: `${path}: ${problem}` });
