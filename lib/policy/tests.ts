/** The document's own tests: each is one request with the decision its author expects. */
import { accessRequest } from "./access-request.js";
import type { Policy } from "./compile.js";
import { type Decision, evaluate } from "./evaluate.js";

export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: "allow" | "deny";
  readonly decision: Decision;
}

export const runPolicyTests = (policy: Policy): TestResult[] =>
  Object.entries(policy.document.tests ?? {}).map(([name, test]) => {
    const decision = evaluate(policy, accessRequest(test));
    return { name, passed: decision.effect === test.expect, expected: test.expect, decision };
  });
