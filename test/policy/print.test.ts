import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { printPolicy } from "../../lib/policy/print.js";
import { bent, TODAY } from "./sample-policy.js";

describe("printPolicy", () => {
  const document = bent((policy) => {
    policy.routes.vendor.owner = "012";
    policy.secrets["app-key"].waivers = [{ rule: "secret-max-age", reason: "yes", expires: "2026-12-31" }];
    policy.callers.ops = { kind: "iam-role", account: "000000000012", roleName: "ops" };
    policy.grants["vendor-charge"].requests = ["PUT /releases/{id}", "GET /**"];
  });
  const text = printPolicy(document);

  it("writes requests as a block list, so that `{id}` stays text", () => {
    expect(text).toContain("    requests:\n      - PUT /releases/{id}\n      - GET /**\n");
  });

  it("quotes texts that YAML would read as another type", () => {
    expect(text).toContain('owner: "012"');
    expect(text).toContain('account: "000000000012"');
  });

  it("never writes an anchor for what stands twice", () => {
    const hosts = ["api.vendor.example"];
    const shared = bent((policy) => {
      policy.secrets["vendor-key"].allowedHosts = hosts;
      policy.certificates["vendor-client"].allowedHosts = hosts;
    });
    expect(printPolicy(shared)).not.toMatch(/[&*]a1/);
  });

  it("is read back as the same document", () => {
    expect(parsePolicy([{ text, file: "policy.yaml" }], { today: TODAY })).toEqual({ document, problems: [] });
  });
});
