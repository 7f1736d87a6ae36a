import { formatProblem, type Problem, type Severity } from "../../policy/problem.js";
import type { PolicyTestReport, Validation } from "../commands/validate.js";
import type { Format, Paint } from "../paint.js";
import { place } from "./place.js";

const COLOURS: Readonly<Record<Severity, Format>> = { error: "red", guardrail: "red", warning: "yellow" };

/** The first line in the colour of its severity. */
export function problemText(problem: Problem, paint: Paint): string {
  const [head = "", ...rest] = formatProblem(problem).split("\n");
  return [paint(COLOURS[problem.severity], head), ...rest].join("\n");
}

export function validationText({ valid, name, environment, policyVersion, counts, problems, tests }: Validation, paint: Paint): string {
  const failed = tests.filter(({ passed }) => !passed);
  const tally = [
    ...(["error", "guardrail", "warning"] as const).map((severity) =>
      counted(problems.filter((p) => p.severity === severity).length, severity),
    ),
    counted(failed.length, "failed test"),
  ];
  const found = tally.filter((text) => !text.startsWith("0 ")).join(", ");
  const verdict = valid ? paint("green", "valid") : paint("red", "not valid");
  const summary = [`${verdict}${found === "" ? "" : `: ${found}`}`];
  if (policyVersion !== null) {
    summary.push(`  policy ${name} (${environment}), version ${policyVersion}`);
    summary.push(
      `  ${Object.entries(counts)
        .map(([section, count]) => `${section}: ${count}`)
        .join(", ")}`,
    );
    if (tests.length > 0) summary.push(`  tests passed: ${tests.length - failed.length} of ${tests.length}`);
  }
  return [
    ...problems.map((problem) => problemText(problem, paint)),
    ...failed.map((test) => failedText(test, paint)),
    summary.join("\n"),
  ].join("\n\n");
}

const failedText = ({ name, position, expected, decision }: PolicyTestReport, paint: Paint): string => {
  const by = decision.rule === undefined ? "" : ` by \`${decision.rule}\``;
  return `${paint("red", `${place(position, "/tests")}: test \`${name}\` failed`)}\n  expected: ${expected}\n  found: ${decision.effect}${by} (${decision.reason})`;
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
