import { describe, expect, it } from "vitest";
import { accessRequest } from "../../lib/policy/access-request.js";
import { compilePolicy } from "../../lib/policy/compile.js";
import { explain } from "../../lib/policy/explain.js";
import { bent } from "./sample-policy.js";

const policy = compilePolicy(
  bent((document) => {
    document.grants = {
      read: {
        caller: "app",
        route: "vendor",
        requests: ["GET /**", "GET /a", "GET /{x}", "GET /{y}"],
        when: { from: "office", requireHeaders: ["x-a"], risk: { below: 60 } },
      },
      "no-secrets": { caller: "app", route: "vendor", requests: ["GET /{x}"], effect: "deny", when: { requireHeaders: ["x-secret"] } },
      write: { caller: "app", route: "vendor", requests: ["POST /a"] },
      "another-write": { caller: "app", route: "vendor", requests: ["PUT /a"] },
      others: { caller: "batch", route: "vendor", requests: ["GET /a"] },
    };
  }),
);

describe("explain", () => {
  it("tells every rule that was considered, each once, with each condition: holds, does not, or unknown", () => {
    const request = accessRequest({ caller: "app", route: "vendor", request: "GET /a", from: "10.0.0.1", headers: [] });
    expect(explain(policy, request)).toEqual({
      decision: { effect: "deny", rule: "read", reason: "CONDITION_NOT_MET", details: { conditions: ["requireHeaders", "risk"] } },
      policyVersion: policy.version,
      considered: [
        { rule: "no-secrets", effect: "deny", conditions: [{ name: "requireHeaders", holds: false }] },
        {
          rule: "read",
          effect: "allow",
          conditions: [
            { name: "from", holds: true },
            { name: "requireHeaders", holds: false },
            { name: "risk", holds: undefined },
          ],
        },
      ],
      notMatching: ["another-write", "write"],
    });
  });

  it("tells the deny rule that decided, beside the allow that it beat", () => {
    const request = accessRequest({
      caller: "app",
      route: "vendor",
      request: "GET /a",
      from: "10.0.0.1",
      headers: ["x-a", "x-secret"],
      risk: 0,
    });
    const { decision, considered } = explain(policy, request);
    expect(decision).toEqual({ effect: "deny", rule: "no-secrets", reason: "DENIED_BY_RULE", details: {} });
    expect(considered.map(({ rule }) => rule)).toEqual(["no-secrets", "read"]);
  });

  it("has nothing to consider for a caller without a grant", () => {
    const request = accessRequest({ caller: "constructor", route: "vendor", request: "GET /a" });
    expect(explain(policy, request)).toMatchObject({ decision: { reason: "NOT_GRANTED" }, considered: [], notMatching: [] });
  });
});
