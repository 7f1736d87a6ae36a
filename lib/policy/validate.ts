/** A value, from YAML, JSON or constructs, to a document with all its problems at once. */

import { runCheck } from "./checks/check.js";
import { CHECKS } from "./checks/index.js";
import type { PolicyDocument } from "./document.generated.js";
import type { Problem } from "./problem.js";
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
  const problems = checkShape(value);
  if (problems.length > 0) return { document: undefined, problems };
  const document = value as PolicyDocument;
  return { document, problems: CHECKS.flatMap((check) => runCheck(check, document, today)) };
}
