/**
 * The hash chain of the audit: each line holds the hash of the one before, so that an edit, a drop, a reorder or a
 * fork breaks every later line (THREATS 26). A line is the canonical JSON (RFC 8785) of `{...event, seq, prev, hash}`,
 * with `hash` = hex(sha256(prev LF canonical JSON of `{...event, seq}`)); the first `prev` is 64 zeros.
 */
import { hash as digest } from "node:crypto";
import { canonicalMember, canonicalNames } from "../canonical-json.js";
import { SallyportError } from "../errors.js";

/** Where a chain stands: the number and hash of its last event. */
export interface ChainState {
  readonly seq: number;
  readonly hash: string;
}

/** What the first event, `seq` 1, is chained to. */
export const CHAIN_START: ChainState = { seq: 0, hash: "0".repeat(64) };

export type AuditRecord = Readonly<Record<string, unknown>>;

/**
 * @returns the line, without its LF, and where the chain stands after it
 * @throws {INPUT_INVALID} when the event holds what JSON cannot, or a member named `seq`, `prev` or `hash`
 */
export const chainEvent = (state: ChainState, event: AuditRecord): { line: string; state: ChainState } => {
  if ("seq" in event || "prev" in event || "hash" in event) {
    throw new SallyportError("INPUT_INVALID", {}, { message: "an audit event must not bring its own seq, prev or hash" });
  }
  const seq = state.seq + 1;
  // One canonicalisation serves both texts: the members are gathered around the places of the three that are added.
  let beforeHash = "";
  let beforePrev = "";
  let beforeSeq = "";
  let afterSeq = "";
  for (const name of canonicalNames(event)) {
    const member = `,${canonicalMember(name, event[name])}`;
    if (name < "hash") beforeHash += member;
    else if (name < "prev") beforePrev += member;
    else if (name < "seq") beforeSeq += member;
    else afterSeq += member;
  }
  const fromPrev = `${beforeSeq},"seq":${seq}${afterSeq}`;
  const hash = digest("sha256", `${state.hash}\n{${(beforeHash + beforePrev + fromPrev).slice(1)}}`, "hex");
  const line = `{${`${beforeHash},"hash":"${hash}"${beforePrev},"prev":"${state.hash}"${fromPrev}`.slice(1)}}`;
  return { line, state: { seq, hash } };
};

/** A line that holds together by itself. Whether it follows the one before is the reader's question. */
export interface ChainedLine {
  readonly event: AuditRecord;
  readonly prev: string;
  readonly state: ChainState;
}

/** @returns undefined when the line is not exactly what `chainEvent` writes for its event, `seq` and `prev` */
export const readChainLine = (line: string): ChainedLine | undefined => {
  const parsed = parseObject(line);
  if (parsed === undefined) return undefined;
  const { seq, prev, hash, ...event } = parsed;
  if (!Number.isSafeInteger(seq) || typeof prev !== "string") return undefined;
  try {
    const again = chainEvent({ seq: (seq as number) - 1, hash: prev }, event);
    return again.line === line ? { event, prev, state: again.state } : undefined;
  } catch {
    return undefined;
  }
};

/** @returns undefined when the text is not a JSON object, as a line that was torn while it was written is not */
export const parseObject = (text: string): AuditRecord | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
};
