/** The policy and its overlays as text, and where in them an entry stands. */
import { isUtf8 } from "node:buffer";
import { SallyportError } from "../errors.js";
import type { PolicySource } from "../policy/parse.js";
import { type Position, pointerOf } from "../policy/problem.js";
import { type PolicyText, readPolicyText } from "../policy/read.js";
import { invalidInput } from "./invalid-input.js";
import type { Io } from "./io.js";

const STDIN = "-";

/**
 * @param paths the base, then its overlays; `-` is standard input
 * @throws {INPUT_INVALID} when a file cannot be read
 * @throws {POLICY_SYNTAX} when one is not UTF-8
 */
export async function readPolicySources(paths: readonly string[], io: Io): Promise<PolicySource[]> {
  if (paths.filter((path) => path === STDIN).length > 1) throw invalidInput("standard input (`-`) can be read once only");
  return Promise.all(
    paths.map(async (path) => {
      const file = path === STDIN ? "<stdin>" : path;
      return { file, text: textOf(path === STDIN ? await io.readStdin() : await readInput(path, io), file) };
    }),
  );
}

/**
 * @param option the one that names the file
 * @throws {INPUT_INVALID} with the reason in words
 */
export async function readInput(path: string, io: Io, option?: string): Promise<Uint8Array> {
  try {
    return await io.readFile(path);
  } catch (cause) {
    throw unreadable(path, cause, option);
  }
}

export function unreadable(path: string, cause: unknown, option?: string): SallyportError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const named = option === undefined ? path : `${option} ${path}`;
  return invalidInput(`cannot read ${named}: ${REASONS[code] ?? String(cause)}`, { path, code }, cause);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};

/** Bytes that are not UTF-8 would be judged as other text than a reviewer saw. */
function textOf(bytes: Uint8Array, file: string): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, "latin1"))) + 1;
  throw new SallyportError("POLICY_SYNTAX", { file, line }, { message: `${file}:${line}:1: the text is not UTF-8` });
}

export type EntryPosition = (section: string, name: string) => Position | undefined;

/** An overlay replaces whole entries: the last text that has one is where it stands. */
export function entryPositions(sources: readonly PolicySource[]): EntryPosition {
  const texts = sources.map(({ text, file }) => readPolicyText(text, file));
  return (section, name) => texts.findLast(({ value }) => hasEntry(value, section, name))?.positionOf(pointerOf(section, name));
}

function hasEntry(value: PolicyText["value"], section: string, name: string): boolean {
  const entries = (value as Record<string, object | undefined> | null)?.[section];
  return typeof entries === "object" && entries !== null && Object.hasOwn(entries, name);
}

/** The date by which waivers expire. */
export const today = (io: Io): string => new Date(io.clock.now()).toISOString().slice(0, "YYYY-MM-DD".length);
