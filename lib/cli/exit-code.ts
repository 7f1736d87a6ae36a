/** What a command's exit code tells a script. */
import { type ErrorCode, SallyportError } from "../errors.js";

export const EXIT = {
  ok: 0,
  /** The tool failed: a fault of its own or of the machine. */
  failure: 1,
  /** What was given is not valid: a policy, an argument, a part that this version cannot enforce. */
  invalid: 2,
  /** Access was widened. */
  widened: 3,
  /** A guardrail or a test of the policy failed, or an audit file was changed. */
  refused: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes that are not here are failures of the tool. */
const OF_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  POLICY_SYNTAX: EXIT.invalid,
  POLICY_INVALID: EXIT.invalid,
  POLICY_UNSUPPORTED: EXIT.invalid,
  INPUT_INVALID: EXIT.invalid,
  SECRET_MISSING: EXIT.invalid,
  SECRET_TOO_SHORT: EXIT.invalid,
  SECRET_UNUSABLE: EXIT.invalid,
  REQUEST_MALFORMED: EXIT.invalid,
  TARGET_AMBIGUOUS: EXIT.invalid,
  HEADERS_TOO_LARGE: EXIT.invalid,
  POLICY_GUARDRAIL: EXIT.refused,
  POLICY_TEST_FAILED: EXIT.refused,
};

export const exitCodeOf = (fault: unknown): ExitCode => (fault instanceof SallyportError && OF_CODE[fault.code]) || EXIT.failure;
