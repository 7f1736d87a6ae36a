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
  /** The section or entry, as segments, whose absence is the finding. */
  readonly lacks?: readonly string[];
}

export interface Check {
  readonly rule: string;
  readonly severity: Severity;
  find(document: PolicyDocument): Iterable<Finding>;
}

/**
 * The findings of one rule as problems. A guardrail's finding is waived by an unexpired waiver on any object above it.
 * @param refused pointers of what the shape refused already, as `readablePart` gives them
 */
export function runCheck(
  { rule, severity, find }: Check,
  document: PolicyDocument,
  today: string,
  refused: readonly string[] = [],
): Problem[] {
  const problems: Problem[] = [];
  for (const { at, lacks, ...told } of find(document)) {
    if (severity === "guardrail" && isWaived(document, at, rule, today)) continue;
    const pointer = pointerOf(...at);
    if (!followsFrom(refused, pointer, lacks)) problems.push(redactProblem({ severity, rule, pointer, ...told }));
  }
  return problems;
}

/** Whether a finding may only repeat a refusal: it stands in what was refused, lacks a refused entry, or judges what is around it. */
const followsFrom = (refused: readonly string[], at: string, lacks: Finding["lacks"]): boolean =>
  refused.some(
    (pointer) => isWithin(at, pointer) || (lacks === undefined ? isWithin(pointer, at) : isEntryOf(pointer, pointerOf(...lacks))),
  );

const isWithin = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);

/** Whether a pointer is of a whole entry or section, and what is lacked may have been there. */
const isEntryOf = (pointer: string, lacked: string): boolean =>
  pointer.split("/").length <= 3 && (isWithin(lacked, pointer) || isWithin(pointer, lacked));

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
