/** The document that README shows in full: one of every part, with its own tests. */
import { describe, expect, it } from "vitest";
import { SallyportError } from "../../lib/errors.js";
import { compilePolicy } from "../../lib/policy/compile.js";
import { loadPolicy } from "../../lib/policy/load.js";
import { parsePolicy } from "../../lib/policy/parse.js";
import { runPolicyTests } from "../../lib/policy/tests.js";
import { README_POLICY } from "../docs/readme.js";
import { TODAY } from "./sample-policy.js";

const source = README_POLICY;
const { text } = source;

describe("README's document", () => {
  const { document, problems } = parsePolicy([source], { today: TODAY });

  it("is valid, and warns of what is not enforced yet", () => {
    expect(document).toBeDefined();
    expect(problems.map(({ severity, rule, pointer, position }) => `${severity} ${rule} ${pointer} ${position?.line}`)).toEqual([
      "warning not-enforced /routes/stripe/retry 23",
      "warning not-enforced /grants/stripe-charge/when/risk 34",
      "warning not-enforced /grants/partner-debug/justInTime 44",
    ]);
  });

  it("passes its own tests", () => {
    expect(runPolicyTests(compilePolicy(document!)).map(({ name, passed, decision }) => `${name} ${passed} ${decision.reason}`)).toEqual([
      "charge-from-vpc true granted",
      "charges-not-read true NOT_GRANTED",
    ]);
  });

  it("is not loaded to run while parts of it are not enforced", () => {
    let refused: unknown;
    try {
      loadPolicy([source], { today: TODAY });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(SallyportError);
    expect((refused as SallyportError).code).toBe("POLICY_UNSUPPORTED");
    expect((refused as SallyportError).details.problems).toHaveLength(3);
  });

  it("has its release pattern refused in a flow list, with the cure", () => {
    const flow = text.replace("requests:\n      - PUT /releases/{id}", "requests: [PUT /releases/{id}]");
    const { problems } = parsePolicy([{ text: flow, file: "policy.yaml" }], { today: TODAY });
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([
      expect.objectContaining({
        rule: "braces-in-flow",
        cure: expect.stringContaining("`- PUT /releases/{id}`"),
        position: { file: "policy.yaml", line: 38, column: 30 },
      }),
    ]);
  });
});
