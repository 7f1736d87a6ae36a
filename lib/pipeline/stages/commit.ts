/**
 * 7. One conditional write is both the single-use claim of the request and the audit intent. It is acknowledged before
 * any credential is touched: no acknowledgement, no call. (THREATS 16, 17; faults 3, 12, 13)
 */
import { type Denial, deny } from "../../errors.js";
import type { CommitResult } from "../../ports.js";
import { type Describable, describe, isoTime } from "../describe.js";
import type { Door } from "../door.js";
import type { Authenticated } from "./authenticate.js";
import type { Authorized } from "./authorize.js";
import type { Bounded } from "./bound.js";

export interface Committed {
  /** The claim, to be released when the call fails before connecting begins. */
  readonly claim: string;
}

/** How long the intent of a call without a single-use proof is kept. */
const INTENT_MILLISECONDS = 15 * 60 * 1000;

const REFUSALS: Readonly<Record<Exclude<CommitResult, "committed">, Denial>> = {
  replayed: deny("REPLAYED"),
  full: deny("COMMIT_FULL"),
};

export async function commit(known: Describable & Bounded & Authenticated & Authorized, door: Door): Promise<Committed | Denial> {
  const { requestId, now, caller, proof } = known;
  const claim = proof.once?.claim ?? `${Math.floor(now / 1000)}:${requestId}`;
  const expiresAt = proof.once?.expiresAtMs ?? now + INTENT_MILLISECONDS;
  const intent = { ...describe(known), kind: "intent", time: isoTime(now), requestId, decision: "allow", reason: "granted" };
  const result = await door.commits.commit({ claim, expiresAt, owner: caller, intent }, now);
  return result === "committed" ? { claim } : REFUSALS[result];
}
