/** A value, from YAML, JSON or constructs, to a document with all its problems at once. */

import { runCheck } from "./checks/check.js";
import { CHECKS } from "./checks/index.js";
import type { PolicyDocument } from "./document.generated.js";
import type { Problem } from "./problem.js";
import { readablePart } from "./readable-part.js";
import { checkShape } from "./shape.js";

export interface Validated {
  /** The document when its shape is valid; it may be used only when no problem is an error or a guardrail. */
  readonly document: PolicyDocument | undefined;
  readonly problems: readonly Problem[];
}

/**
 * @param options.today the date as YYYY-MM-DD by which waivers expire
 */
export function validateDocument(value: unknown, { today }: { readonly today: string }): Validated {
  const ofShape = checkShape(value);
  const isShaped = ofShape.length === 0;
  const { document, refused } = isShaped ? { document: value as PolicyDocument, refused: [] } : readablePart(value);
  const problems = [...ofShape, ...CHECKS.flatMap((check) => runCheck(check, document, today, refused))];
  return { document: isShaped ? document : undefined, problems };
}
