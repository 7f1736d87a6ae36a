/**
 * 13. What was done: the answer for the caller, who learns little, and the audit event for the operator, who learns all.
 * A denial is written before it is answered; an outcome when the answer is over. (THREATS 25; faults 12, 13, 16)
 */
import { type Denial, ERROR_CODES, type ErrorCode } from "../../errors.js";
import { problemDocument } from "../../http/problem.js";
import type { MetricName } from "../../metrics.js";
import { defined, describe, isoTime } from "../describe.js";
import type { Door } from "../door.js";
import type { Answer, IncomingMessage } from "../message.js";
import type { Authenticated } from "./authenticate.js";
import type { Authorized } from "./authorize.js";
import { type Bounded, newRequestId } from "./bound.js";
import type { Built } from "./build.js";
import type { Committed } from "./commit.js";
import type { Connected } from "./connect.js";
import type { Credentialed } from "./credentials.js";
import type { Attempt, Forwarded } from "./forward.js";
import type { Parsed } from "./parse.js";
import type { Routed } from "./route.js";
import type { Scrubbed } from "./scrub.js";
import type { Located } from "./source.js";

/** Everything that the stages establish. */
type Established = IncomingMessage & Bounded & Parsed & Routed & Authenticated & Located & Authorized & Committed & Attempts;
type Attempts = Credentialed & Built & Connected & Attempt & Forwarded & Scrubbed;

/** How an answer ended, as the adapter saw it. */
export interface Delivery {
  readonly bytes: number;
  /** Whether all of it was sent. */
  readonly complete: boolean;
  /** What the caller was told in place of an answer that is not complete. Default: nothing, the connection was cut. */
  readonly failure?: ErrorCode;
}

export interface RecordedAnswer extends Answer {
  readonly requestId: string;
  /** The adapter calls it once, when the answer is over. Never rejects. */
  settle(delivery: Delivery): Promise<void>;
}

export async function record(known: Partial<Established>, denial: Denial | undefined, door: Door): Promise<RecordedAnswer> {
  return denial === undefined ? recordOutcome(known as Established, door) : recordDenial(known, denial, door);
}

async function recordDenial(known: Partial<Established>, { denied, details }: Denial, door: Door): Promise<RecordedAnswer> {
  const { now = door.clock.now(), requestId = newRequestId(door), route, claim, attempted } = known;
  if (claim !== undefined && !attempted) await door.commits.release(claim).catch(() => {});
  known.upstreamResponse?.body.destroy();
  const authorized = known.callerHeaders !== undefined;
  const { status, headers, body } = problemDocument(shownCode(denied, authorized), requestId, authorized);
  const rule = typeof details.rule === "string" ? { rule: details.rule } : {};
  const kind = attempted ? "outcome" : "denial";
  const described = describe(known);
  await append(door, {
    ...described,
    ...rule,
    kind,
    time: isoTime(now),
    requestId,
    decision: "deny",
    reason: denied,
    status,
    details: { ...described.details, ...details },
    ...duration(known, door),
  });
  const reason = { route: route?.name ?? "", decision: "deny", reason: denied };
  door.metrics.count("sallyport_requests_total", reason);
  const special = COUNTED[denied];
  if (special !== undefined) door.metrics.count(special, {});
  const settle = async (): Promise<void> => finish(known, door);
  return { status, headers, body: Buffer.from(body), requestId, settle };
}

function recordOutcome(known: Established, door: Door): RecordedAnswer {
  const { answer, now, requestId, route, credentials, scrubbed } = known;
  door.metrics.count("sallyport_requests_total", { route: route.name, decision: "allow", reason: "granted" });
  door.metrics.count("sallyport_upstream_responses_total", { route: route.name, status: String(answer.status) });
  for (const secret of credentials.keys()) door.metrics.count("sallyport_credential_uses_total", { route: route.name, secret });
  const settle = async ({ bytes, complete, failure }: Delivery): Promise<void> => {
    finish(known, door);
    if (scrubbed.hits > 0) door.metrics.count("sallyport_scrubbed_total", { route: route.name }, scrubbed.hits);
    await append(door, {
      ...describe(known),
      kind: "outcome",
      time: isoTime(now),
      requestId,
      decision: "allow",
      reason: complete ? "granted" : (failure ?? "UPSTREAM_RESET"),
      status: failure === undefined ? answer.status : ERROR_CODES[failure].status,
      responseBytes: bytes,
      scrubbed: scrubbed.hits,
      ...duration(known, door),
    });
  };
  return { ...answer, requestId, settle };
}

/** Codes that have a counter of their own. */
const COUNTED: Partial<Record<ErrorCode, MetricName>> = {
  REPLAYED: "sallyport_replays_refused_total",
  OVERLOADED: "sallyport_overloads_total",
};

/** A fault before authorization says that it may pass, not what it is; that a caller's key has no value says that it exists. */
const shownCode = (code: ErrorCode, authorized: boolean): ErrorCode =>
  !authorized && code !== "SECRET_MISSING" && ERROR_CODES[code].status === 503 ? "OVERLOADED" : code;

const duration = ({ startedAt }: Partial<Established>, door: Door) =>
  defined({ durationMs: startedAt === undefined ? undefined : Math.round((door.clock.monotonic() - startedAt) * 1000) / 1000 });

function finish({ body, startedAt, route }: Partial<Established>, door: Door): void {
  door.load.calls--;
  body?.release();
  if (startedAt !== undefined) {
    door.metrics.observe("sallyport_request_duration_seconds", { route: route?.name ?? "" }, (door.clock.monotonic() - startedAt) / 1000);
  }
}

/** A lost event is counted; what it tells of has happened already. */
async function append(door: Door, event: Readonly<Record<string, unknown>>): Promise<void> {
  try {
    await door.audit.append(event);
  } catch {
    door.metrics.count("sallyport_audit_lost_total", {});
  }
}
