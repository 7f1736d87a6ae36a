/**
 * The one pipeline. Each stage sees only what the earlier ones established; the builder's types hold the order. The
 * same code answers in the local gateway and in Lambda.
 */

import type { ErrorCode, ErrorDetails } from "../errors.js";
import { deny } from "../errors.js";
import type { Door } from "./door.js";
import type { IncomingMessage } from "./message.js";
import { Pipeline } from "./stage.js";
import { authenticate } from "./stages/authenticate.js";
import { authorize } from "./stages/authorize.js";
import { bound } from "./stages/bound.js";
import { build } from "./stages/build.js";
import { commit } from "./stages/commit.js";
import { connect } from "./stages/connect.js";
import { credentials } from "./stages/credentials.js";
import { forward } from "./stages/forward.js";
import { parse } from "./stages/parse.js";
import { type RecordedAnswer, record } from "./stages/record.js";
import { route } from "./stages/route.js";
import { scrub } from "./stages/scrub.js";
import { source } from "./stages/source.js";

export const PIPELINE = Pipeline.start<IncomingMessage>()
  .add(bound)
  .add(parse)
  .add(route)
  .add(authenticate)
  .add(source)
  .add(authorize)
  .add(commit)
  .add(credentials)
  .add(build)
  .add(connect)
  .add(forward)
  .add(scrub);

/** Runs the stages; `record` has the last word, whatever they say. */
export async function handle(message: IncomingMessage, door: Door, pipeline: typeof PIPELINE = PIPELINE): Promise<RecordedAnswer> {
  door.load.calls++;
  const { known, denial } = await pipeline.run(message, door);
  return record(known, denial, door);
}

/** An answer to what never became a message, such as bytes that no HTTP parser takes. */
export function refuse(code: ErrorCode, details: ErrorDetails, door: Door): Promise<RecordedAnswer> {
  door.load.calls++;
  return record({}, deny(code, details), door);
}
