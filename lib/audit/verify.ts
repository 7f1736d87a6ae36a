/**
 * Reads a hash chain from its start and names the first event that breaks it (THREATS 26). A last line that was cut
 * off by a crash is not tampering: it was never acknowledged. Events missing from the end leave no trace inside the
 * file: compare `head` with an anchor kept elsewhere.
 */
import { CHAIN_START, type ChainedLine, type ChainState, parseObject, readChainLine } from "./chain.js";

/** What is wrong with the first bad line. */
export type ChainProblem =
  /** The text is not what was written for this event. */
  | "edited"
  /** The file does not begin with event 1. */
  | "truncated head"
  /** Events before this one are missing. */
  | "dropped"
  /** An event that belongs before this one stands further down. */
  | "reordered"
  /** The event does not follow the one before it, but another one: there are two histories. */
  | "forked";

export interface ChainReport {
  /** Good events before the first bad one. */
  readonly events: number;
  /** The last good event. */
  readonly head: ChainState;
  readonly firstBad?: {
    /** Counted from 1. */
    readonly line: number;
    /** The number that the line bears, or that it should bear where its text cannot be trusted. */
    readonly seq: number;
    readonly problem: ChainProblem;
  };
  readonly tornLastLine: boolean;
}

/** @param lines in order, without their line ends; an empty last one is ignored. Only one is held at a time. */
export const verifyChain = async (lines: AsyncIterable<string> | Iterable<string>): Promise<ChainReport> => {
  let head = CHAIN_START;
  let unparsed: string | undefined;
  let ahead: ChainedLine | undefined;
  const report = (problem: ChainProblem, seq = head.seq + 1): ChainReport => {
    return { events: head.seq, head, firstBad: { line: head.seq + 1, seq, problem }, tornLastLine: false };
  };

  for await (const line of lines) {
    const read = readChainLine(line);
    const follows = read !== undefined && read.prev === head.hash && read.state.seq === head.seq + 1;
    if (ahead !== undefined) {
      // After a gap the rest is only searched for the event that the gap lacks.
      if (follows) return report("reordered", ahead.state.seq);
    } else if (unparsed !== undefined) return report("edited");
    else if (follows) head = read.state;
    else if (read === undefined) {
      if (parseObject(line) !== undefined) return report("edited");
      unparsed = line; // Torn, if no other line comes.
    } else if (read.state.seq > head.seq + 1) ahead = read;
    else return report("forked", read.state.seq);
  }
  if (ahead !== undefined) return report(head === CHAIN_START ? "truncated head" : "dropped", ahead.state.seq);
  return { events: head.seq, head, tornLastLine: unparsed !== undefined && unparsed !== "" };
};
