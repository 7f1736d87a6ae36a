import { compilePolicy, type PolicyDocument, runPolicyTests } from "../../lib/policy/index.js";
import type { Finding } from "./check.js";

/** A policy that does not decide as its author expects is not deployed. */
export const failedTests = (document: PolicyDocument): (readonly [test: string, finding: Finding])[] =>
  runPolicyTests(compilePolicy(document))
    .filter(({ passed }) => !passed)
    .map(({ name, expected, decision: { effect, reason, rule } }) => [
      name,
      {
        rule: "failed-test",
        message: `expected ${expected}, decided ${effect} (${reason}${rule === undefined ? "" : ` by \`${rule}\``})`,
        cure: "Change the policy or the test",
      },
    ]);
