/** What a rule of the document is: pure, named, and silent where it has nothing to say. One rule a file. */
import type { PolicyDocument, Waivers } from "../document.generated.js";
import { type Problem, pointerOf, redactProblem, type Severity } from "../problem.js";

export interface Finding {
  /** Where, as segments of a JSON Pointer. */
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly cure: string;
  readonly expected?: string;
  readonly found?: string;
}

export interface Check {
  readonly rule: string;
  readonly severity: Severity;
  find(document: PolicyDocument): Iterable<Finding>;
}

/** The findings of one rule as problems. A guardrail's finding is waived by an unexpired waiver on any object above it. */
export function runCheck({ rule, severity, find }: Check, document: PolicyDocument, today: string): Problem[] {
  const problems: Problem[] = [];
  for (const { at, ...told } of find(document)) {
    if (severity === "guardrail" && isWaived(document, at, rule, today)) continue;
    problems.push(redactProblem({ severity, rule, pointer: pointerOf(...at), ...told }));
  }
  return problems;
}

function isWaived(document: PolicyDocument, at: readonly (string | number)[], rule: string, today: string): boolean {
  let node: unknown = document;
  for (const segment of at) {
    if (typeof node !== "object" || node === null) return false;
    node = (node as Record<string, unknown>)[segment];
    const waivers = (node as { waivers?: Waivers } | undefined)?.waivers;
    if (Array.isArray(waivers) && waivers.some((waiver) => waiver.rule === rule && waiver.expires >= today)) return true;
  }
  return false;
}
