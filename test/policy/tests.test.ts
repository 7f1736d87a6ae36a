import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../lib/policy/compile.js";
import { runPolicyTests } from "../../lib/policy/tests.js";
import { bent, samplePolicy } from "./sample-policy.js";

describe("runPolicyTests", () => {
  it("gives each test its decision, and whether it is the one expected", () => {
    const policy = compilePolicy(
      bent((document) => {
        document.tests = {
          "may-charge": { caller: "app", route: "vendor", request: "POST /v1/charges", expect: "allow" },
          "may-not-read": { caller: "app", route: "vendor", request: "GET /v1/charges", expect: "deny" },
          "others-may-charge": { caller: "batch", route: "vendor", request: "POST /v1/charges", expect: "allow" },
        };
      }),
    );
    const notGranted = { effect: "deny", reason: "NOT_GRANTED", details: {} };
    expect(runPolicyTests(policy)).toEqual([
      { name: "may-charge", passed: true, expected: "allow", decision: { effect: "allow", rule: "vendor-charge", reason: "granted" } },
      { name: "may-not-read", passed: true, expected: "deny", decision: notGranted },
      { name: "others-may-charge", passed: false, expected: "allow", decision: notGranted },
    ]);
  });

  it("gives source, country, headers and risk to the decision", () => {
    const policy = compilePolicy(
      bent((document) => {
        document.ipPolicies.irish = { allow: ["10.0.0.0/8"], countries: ["IE"] };
        document.grants["vendor-charge"].when = { from: "irish", requireHeaders: ["x-a"], risk: { below: 60 } };
        const charge = {
          caller: "app",
          route: "vendor",
          request: "POST /v1/charges",
          from: "10.0.0.1",
          country: "IE",
          headers: ["x-a"],
          risk: 59,
        };
        document.tests = {
          met: { ...charge, expect: "allow" },
          abroad: { ...charge, country: "FR", expect: "deny" },
          outside: { ...charge, from: "192.0.2.1", expect: "deny" },
          bare: { ...charge, headers: [], expect: "deny" },
          risky: { ...charge, risk: 60, expect: "deny" },
        };
      }),
    );
    expect(runPolicyTests(policy).map(({ name, passed }) => `${name} ${passed}`)).toEqual([
      "met true",
      "abroad true",
      "outside true",
      "bare true",
      "risky true",
    ]);
  });

  it("has nothing to run in a policy without tests", () => {
    expect(runPolicyTests(compilePolicy(samplePolicy()))).toEqual([]);
  });
});
