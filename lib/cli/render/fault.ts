import type { Problem } from "../../policy/problem.js";
import type { FaultReport } from "../fault-report.js";
import type { Paint } from "../paint.js";
import { problemText } from "./validation.js";

export function faultText({ code, message, cure, details }: FaultReport, paint: Paint): string {
  const problems = (details.problems ?? []) as readonly Problem[];
  const rows = [`${paint("red", "error")}: ${message}${code === "UNEXPECTED" ? "" : ` (${code})`}`];
  rows.push(...problems.map((problem) => problemText(problem, paint)));
  if (cure !== null) rows.push(`  cure: ${cure}`);
  return rows.join("\n");
}
