import { describe, expect, it } from "vitest";
import { validateDocument } from "../../../lib/policy/validate.js";
import { bent, problemsOf, TODAY } from "../sample-policy.js";

const waivers = (rule: string, expires: string) => [{ rule, reason: "the lab has no certificate yet", expires }];

describe("a waiver", () => {
  const cleartext = (expires: string, rule = "cleartext-target") =>
    problemsOf((policy) => {
      policy.routes.vendor.target = "http://api.vendor.example";
      policy.routes.vendor.waivers = waivers(rule, expires);
    }).map((problem) => problem.rule);

  it("lifts the guardrail that it names", () => {
    expect(cleartext("2026-12-31")).toEqual([]);
  });

  it("holds through the day it expires, and no longer", () => {
    expect(cleartext(TODAY)).toEqual([]);
    expect(cleartext("2026-06-14")).toEqual(["cleartext-target"]);
  });

  it("lifts no other guardrail", () => {
    expect(cleartext("2026-12-31", "open-network")).toEqual(["cleartext-target"]);
  });

  it("lifts no error, and says so", () => {
    const problems = problemsOf((policy) => {
      policy.secrets["vendor-key"].allowedHosts = ["*.vendor.example"];
      policy.secrets["vendor-key"].waivers = waivers("wildcard-host", "2026-12-31");
    });
    expect(problems.map(({ rule }) => rule)).toEqual(["wildcard-host", "unknown-waiver-rule"]);
  });

  it("lifts no warning", () => {
    const problems = problemsOf((policy) => {
      policy.routes.vendor.dataClass = "personal";
      policy.routes.vendor.waivers = waivers("not-enforced", "2026-12-31");
    });
    expect(problems.map(({ rule }) => rule)).toEqual(["unknown-waiver-rule", "not-enforced"]);
  });

  it("reaches what is nested in its object, and no other object", () => {
    const problems = problemsOf((policy) => {
      const token = { kind: "header", name: "x-key", secret: "vendor-key", template: "ghp_16C7e42F292c6912E7710c83 {secret}" };
      policy.routes.vendor.inject = [token];
      policy.routes.vendor.waivers = waivers("literal-secret", "2026-12-31");
      policy.routes.other = { owner: "t", target: "https://api.vendor.example", inject: [token] };
      policy.grants.other = { caller: "app", route: "other", requests: ["GET /"] };
    });
    expect(problems.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(["literal-secret /routes/other/inject/0/template"]);
  });

  it("is not read from an entry or a claim that happens to be named `waivers`", () => {
    const document = bent((policy) => {
      policy.ipPolicies.waivers = { allow: ["0.0.0.0/0"] };
      policy.grants["vendor-charge"].when = { claims: { waivers: ["open-network"] } };
    });
    const { problems } = validateDocument(document, { today: TODAY });
    expect(problems.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual([
      "open-network /ipPolicies/waivers/allow",
      "not-enforced /grants/vendor-charge/when/claims",
    ]);
  });
});
