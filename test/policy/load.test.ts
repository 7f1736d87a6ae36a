import { describe, expect, it } from "vitest";
import { SallyportError } from "../../lib/errors.js";
import { loadPolicy } from "../../lib/policy/load.js";
import { printPolicy } from "../../lib/policy/print.js";
import { policyVersion } from "../../lib/policy/version.js";
import { type Bend, bent, problemsOf, samplePolicy, TODAY } from "./sample-policy.js";

const load = (bend: Bend) => loadPolicy([{ text: printPolicy(bent(bend)), file: "policy.yaml" }], { today: TODAY });

function refusal(run: () => unknown): SallyportError {
  try {
    run();
  } catch (error) {
    if (error instanceof SallyportError) return error;
    throw error;
  }
  throw new Error("it was loaded");
}

describe("loadPolicy", () => {
  it("compiles a policy without a finding", () => {
    const policy = load(() => {});
    expect(policy.version).toBe(policyVersion(samplePolicy()));
    expect(policy.document).toEqual(samplePolicy());
  });

  it("refuses an error as POLICY_INVALID, with every problem and its place", () => {
    const error = refusal(() =>
      load((policy) => {
        policy.grants["vendor-charge"].caller = "nobody";
        policy.routes.vendor.target = "http://API.vendor.example";
        policy.routes.vendor.dataClass = "personal";
      }),
    );
    expect(error.code).toBe("POLICY_INVALID");
    expect(error.details).toEqual({
      problems: [
        expect.objectContaining({ severity: "error", rule: "bad-target" }),
        expect.objectContaining({ severity: "guardrail", rule: "cleartext-target" }),
        expect.objectContaining({ severity: "error", rule: "unknown-reference", position: { file: "policy.yaml", line: 47, column: 5 } }),
      ],
    });
    expect(error.message).toContain("policy.yaml:47:5: error [unknown-reference] `nobody` is not an entry of `callers`");
    expect(error.message).toContain("  cure: Declare `nobody` under `callers`, or name an entry that is there.");
  });

  it("refuses a text that cannot be read as POLICY_INVALID", () => {
    const error = refusal(() => loadPolicy([{ text: "a: &x 1", file: "policy.yaml" }], { today: TODAY }));
    expect(error.code).toBe("POLICY_INVALID");
    expect(error.message).toContain("policy.yaml:1:4: error [anchor] an anchor is refused");
  });

  it("refuses to load no file at all", () => {
    expect(refusal(() => loadPolicy([], { today: TODAY })).code).toBe("POLICY_INVALID");
  });

  it("refuses an unwaived guardrail as POLICY_GUARDRAIL, and loads it waived", () => {
    const cleartext: Bend = (policy) => {
      policy.routes.vendor.target = "http://api.vendor.example";
    };
    const error = refusal(() => load(cleartext));
    expect(error.code).toBe("POLICY_GUARDRAIL");
    expect(error.details).toEqual({
      problems: [expect.objectContaining({ severity: "guardrail", rule: "cleartext-target", found: "http://api.vendor.example" })],
    });
    const waived = load((policy) => {
      cleartext(policy);
      policy.routes.vendor.waivers = [{ rule: "cleartext-target", reason: "lab", expires: TODAY }];
    });
    expect(waived.routes.get("vendor")?.origin.scheme).toBe("http");
  });

  it("tells a guardrail before a part that is not enforced", () => {
    const error = refusal(() =>
      load((policy) => {
        delete policy.secrets["app-key"].maxAgeDays;
        policy.routes.vendor.dataClass = "personal";
      }),
    );
    expect(error.code).toBe("POLICY_GUARDRAIL");
  });
});

describe("a part that this version cannot enforce", () => {
  it.each<[part: string, bend: Bend]>([
    [
      "/grants/vendor-charge/justInTime",
      (policy) => Object.assign(policy.grants["vendor-charge"], { justInTime: { maxMinutes: 5, approvals: 1, approvers: ["batch"] } }),
    ],
    ["/grants/vendor-charge/when/risk", (policy) => Object.assign(policy.grants["vendor-charge"], { when: { risk: { below: 60 } } })],
    [
      "/grants/vendor-charge/when/times",
      (policy) =>
        Object.assign(policy.grants["vendor-charge"], { when: { times: [{ zone: "UTC", days: ["mon"], start: "09:00", end: "24:00" }] } }),
    ],
    ["/grants/vendor-charge/when/claims", (policy) => Object.assign(policy.grants["vendor-charge"], { when: { claims: { team: ["a"] } } })],
    [
      "/grants/vendor-charge/when/device",
      (policy) => Object.assign(policy.grants["vendor-charge"], { when: { device: { compliant: true } } }),
    ],
    ["/grants/vendor-charge/when/dataClasses", (policy) => Object.assign(policy.grants["vendor-charge"], { when: { dataClasses: ["a"] } })],
    ["/grants/vendor-charge/when/query", (policy) => Object.assign(policy.grants["vendor-charge"], { when: { query: { a: ["1"] } } })],
    ["/grants/vendor-charge/when/body", (policy) => Object.assign(policy.grants["vendor-charge"], { when: { body: { "/a": [true] } } })],
    ["/ipPolicies/office/countries", (policy) => Object.assign(policy.ipPolicies.office, { countries: ["IE"] })],
    ["/routes/vendor/retry", (policy) => Object.assign(policy.routes.vendor, { retry: { idempotencyHeader: "idempotency-key" } })],
    ["/routes/vendor/dataClass", (policy) => Object.assign(policy.routes.vendor, { dataClass: "personal" })],
  ])("such as %s is warned of, and not loaded", (pointer, bend) => {
    expect(problemsOf(bend)).toEqual([expect.objectContaining({ severity: "warning", rule: "not-enforced", pointer })]);
    const error = refusal(() => load(bend));
    expect(error.code).toBe("POLICY_UNSUPPORTED");
    expect(error.details).toEqual({
      problems: [expect.objectContaining({ rule: "not-enforced", pointer, position: expect.objectContaining({ file: "policy.yaml" }) })],
    });
    expect(error.message).toContain(`\`${pointer.split("/").at(-1)}\` is not enforced by this version`);
  });
});
