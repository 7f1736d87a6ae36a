/**
 * The gate between a document and an adapter that runs it: errors, unwaived guardrails, and parts that this version
 * cannot enforce are refused, never ignored.
 */
import { SallyportError } from "../errors.js";
import { compilePolicy, type Policy } from "./compile.js";
import type { PolicySource } from "./parse.js";
import { parsePolicy } from "./parse.js";
import { formatProblem, worstCode } from "./problem.js";

/**
 * @param options.today the date as YYYY-MM-DD by which waivers expire
 * @throws {POLICY_INVALID | POLICY_GUARDRAIL | POLICY_UNSUPPORTED} with every problem in `details.problems`
 */
export function loadPolicy(sources: readonly PolicySource[], options: { readonly today: string }): Policy {
  const { document, problems } = parsePolicy(sources, options);
  const unsupported = problems.filter(({ rule }) => rule === "not-enforced");
  const code = worstCode(problems) ?? (unsupported.length > 0 ? "POLICY_UNSUPPORTED" : undefined);
  if (code !== undefined || document === undefined) {
    const told = code === "POLICY_UNSUPPORTED" ? unsupported : problems.filter(({ severity }) => severity !== "warning");
    throw new SallyportError(code ?? "POLICY_INVALID", { problems: told }, { message: `\n${told.map(formatProblem).join("\n")}\n` });
  }
  return compilePolicy(document);
}
