/**
 * What is wrong with a policy, as data: where (JSON Pointer, and file:line:column where the text is known), what was
 * expected and found, and the cure. All problems of a document are collected; rendering stands in the command line.
 */
import type { ErrorCode } from "../errors.js";
import { redactCredentials } from "./credential-shape.js";

/** `error`: the document is not valid. `guardrail`: valid but unsafe, needs a change or a waiver. `warning`: told, never fatal here. */
export type Severity = "error" | "guardrail" | "warning";

export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

export interface Problem {
  readonly severity: Severity;
  /** The rule's name, as a waiver would name it. */
  readonly rule: string;
  /** RFC 6901 JSON Pointer into the document. */
  readonly pointer: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  readonly cure: string;
  readonly position?: Position;
}

export const pointerOf = (...segments: readonly (string | number)[]): string =>
  segments.map((segment) => `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

export const pointerSegments = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));

/** Without what looks like a credential, since problems end up in logs and pull requests. */
export function redactProblem({ position, ...texts }: Problem): Problem {
  const redacted = Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, redactCredentials(text)]));
  return { ...(redacted as unknown as Problem), ...(position && { position }) };
}

/** One problem as a text block: position, rule, message, then expected, found and cure. */
export function formatProblem(problem: Problem): string {
  const { position, severity, rule, pointer, message, expected, found, cure } = problem;
  const where = position === undefined ? pointer || "/" : `${position.file}:${position.line}:${position.column}`;
  const rows = [`${where}: ${severity} [${rule}] ${message}`];
  if (position !== undefined) rows.push(`  at ${pointer || "/"}`);
  if (expected !== undefined) rows.push(`  expected: ${expected}`);
  if (found !== undefined) rows.push(`  found: ${found}`);
  rows.push(`  cure: ${cure}`);
  return rows.join("\n");
}

const CODE_OF_SEVERITY = { error: "POLICY_INVALID", guardrail: "POLICY_GUARDRAIL" } as const;

/** The code of the worst problem: invalid before guardrail; undefined when there are only warnings. */
export function worstCode(problems: readonly Problem[]): ErrorCode | undefined {
  const severity = (["error", "guardrail"] as const).find((wanted) => problems.some((problem) => problem.severity === wanted));
  return severity && CODE_OF_SEVERITY[severity];
}
