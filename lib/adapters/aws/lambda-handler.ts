/**
 * The Lambda function: an event in, the pipeline's answer out. Only the door's own APIs may invoke it. An instance that
 * cannot open its door denies every call and says why in the log; the next call tries again. (THREATS 30; faults 11, 15)
 */
import { isDenial, SallyportError } from "../../errors.js";
import { isoTime } from "../../pipeline/describe.js";
import { handle, refuse } from "../../pipeline/handle.js";
import type { RecordedAnswer } from "../../pipeline/stages/record.js";
import { type ApiGatewayEvent, isApiGatewayEvent, messageOf } from "./api-gateway-event.js";
import { type ApiGatewayResult, deliver, problemResult } from "./api-gateway-result.js";
import type { AwsDoor } from "./aws-door.js";
import { type WriteLine, writeLogLine } from "./log-line.js";
import { platformDeadlineMs } from "./platform-limits.js";

/** What is read of Lambda's context object. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<ApiGatewayResult>;

/** Connections that may have been idle for longer are not used again: undici would have closed them, had it not been frozen. */
const MAX_IDLE_MS = 4_000;

/**
 * @param open called at once, and again by each call until it succeeds
 * @param write where the log says that the door cannot be opened
 */
export function lambdaHandler(open: () => Promise<AwsDoor>, write: WriteLine = writeLogLine): LambdaHandler {
  let opening: Promise<AwsDoor> | undefined = open();
  opening.catch(() => {}); // Told by the first call.

  return async (event, context) => {
    opening ??= open();
    const opened = await opening.catch((fault: unknown) => asError(fault));
    if (opened instanceof Error) {
      opening = undefined;
      return cannotOpen(opened, context, write);
    }
    const { clock, door, metrics } = opened;
    if (clock.catchUp() > MAX_IDLE_MS) await door.upstream.close();
    const startedAt = clock.monotonic();
    const request = isApiGatewayEvent(event) ? event : undefined;
    const now = clock.now();
    const receivedAt = request?.requestContext.requestTimeEpoch ?? now;
    const deadlineMs = platformDeadlineMs({ now, receivedAt, remainingMs: context.getRemainingTimeInMillis() });
    const answer = await answerTo(request, context, deadlineMs, opened);
    const result = await deliver(answer, deadlineMs - (clock.monotonic() - startedAt));
    await metrics.flush();
    return result;
  };
}

function answerTo(
  request: ApiGatewayEvent | undefined,
  { invokedFunctionArn }: LambdaContext,
  deadlineMs: number,
  { door, entrances }: AwsDoor,
): Promise<RecordedAnswer> {
  if (request === undefined) return refuse("INVOKER_UNKNOWN", { what: "not an event of an API Gateway REST API" }, door);
  const { apiId } = request.requestContext;
  const entrance = entrances.get(apiId);
  if (entrance === undefined) return refuse("INVOKER_UNKNOWN", { apiId }, door);
  const message = messageOf(request, { entrance, partition: invokedFunctionArn.split(":")[1] ?? "", deadlineMs });
  return isDenial(message) ? refuse(message.denied, message.details, door) : handle(message, door);
}

async function cannotOpen(fault: Error, { awsRequestId: requestId }: LambdaContext, write: WriteLine): Promise<ApiGatewayResult> {
  const { code, details } = fault instanceof SallyportError ? fault : { code: "INTERNAL", details: {} };
  const told = { ...details, cause: fault.message };
  const event = { time: isoTime(Date.now()), kind: "denial", requestId, decision: "deny", reason: code, status: 503, details: told };
  await write(JSON.stringify(event)).catch(() => {});
  return problemResult("OVERLOADED", requestId); // A fault before authorization says that it may pass, not what it is.
}

const asError = (fault: unknown): Error => (fault instanceof Error ? fault : new Error(String(fault)));
