/** `sallyport validate`: every problem of a policy at once, and the verdict of its own tests. */
import { compilePolicy } from "../../policy/compile.js";
import type { PolicyDocument } from "../../policy/document.generated.js";
import { type PolicySource, parsePolicy } from "../../policy/parse.js";
import { type Position, type Problem, worstCode } from "../../policy/problem.js";
import { runPolicyTests, type TestResult } from "../../policy/tests.js";
import type { CommandResult } from "../command-result.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { entryPositions, readPolicySources, today } from "../policy-sources.js";

export interface ValidateOptions {
  /** A file, or `-` for standard input. */
  readonly policy: string;
  readonly overlays: readonly string[];
}

export interface PolicyTestReport extends TestResult {
  readonly position: Position | undefined;
}

export interface Validation {
  /** Whether a door would take it, warnings aside. */
  readonly valid: boolean;
  readonly name: string | null;
  readonly environment: string | null;
  readonly policyVersion: string | null;
  /** Entries by section of the document. */
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
  readonly tests: readonly PolicyTestReport[];
}

export async function validate({ policy, overlays }: ValidateOptions, io: Io): Promise<CommandResult<"validation", Validation>> {
  const sources = await readPolicySources([policy, ...overlays], io);
  const { document, problems } = parsePolicy(sources, { today: today(io) });
  const sound = document !== undefined && worstCode(problems) !== "POLICY_INVALID" ? document : undefined;
  const judged = sound === undefined ? NOT_JUDGED : judge(sound, sources);
  const exitCode = exitCodeOfFindings(problems, judged.tests);
  return { exitCode, kind: "validation", data: { valid: exitCode === EXIT.ok, ...judged, problems } };
}

type Judged = Omit<Validation, "valid" | "problems">;

const NOT_JUDGED: Judged = { name: null, environment: null, policyVersion: null, counts: {}, tests: [] };

function judge(document: PolicyDocument, sources: readonly PolicySource[]): Judged {
  const compiled = compilePolicy(document);
  const positionOf = entryPositions(sources);
  const { name, environment, version: _, ...sections } = document;
  return {
    name,
    environment,
    policyVersion: compiled.version,
    counts: Object.fromEntries(Object.entries(sections).map(([section, entries]) => [section, Object.keys(entries).length])),
    tests: runPolicyTests(compiled).map((test) => ({ ...test, position: positionOf("tests", test.name) })),
  };
}

const EXIT_OF_WORST: Readonly<Record<string, ExitCode>> = { POLICY_INVALID: EXIT.invalid, POLICY_GUARDRAIL: EXIT.refused };

function exitCodeOfFindings(problems: readonly Problem[], tests: readonly TestResult[]): ExitCode {
  const ofTests = tests.every(({ passed }) => passed) ? EXIT.ok : EXIT.refused;
  return EXIT_OF_WORST[worstCode(problems) ?? ""] ?? ofTests;
}
