import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { printPolicy } from "../../lib/policy/print.js";
import { policyVersion } from "../../lib/policy/version.js";
import { samplePolicy, TODAY } from "./sample-policy.js";

const base = { text: printPolicy(samplePolicy()), file: "policy.yaml" };
const overlaid = (...overlays: string[]) =>
  parsePolicy([base, ...overlays.map((text, index) => ({ text, file: `overlay-${index}.yaml` }))], { today: TODAY });
const places = (...overlays: string[]) =>
  overlaid(...overlays).problems.map(
    ({ rule, pointer, position }) => `${rule} ${pointer} ${position?.file}:${position?.line}:${position?.column}`,
  );

describe("parsePolicy", () => {
  it("reads one file", () => {
    expect(overlaid()).toEqual({ document: samplePolicy(), problems: [] });
  });

  it("has no document without a file", () => {
    expect(parsePolicy([], { today: TODAY })).toEqual({ document: undefined, problems: [] });
  });

  it("gives warnings with the document", () => {
    const { document, problems } = overlaid("ipPolicies: { office: { countries: [IE] } }");
    expect(document?.ipPolicies?.office).toEqual({ countries: ["IE"] });
    expect(problems).toEqual([
      expect.objectContaining({ severity: "warning", rule: "not-enforced", position: { file: "overlay-0.yaml", line: 1, column: 25 } }),
    ]);
  });
});

describe("an overlay", () => {
  it("replaces whole entries, never merging into them", () => {
    const { document, problems } = overlaid("routes:\n  vendor: { owner: team-lab, target: 'https://api.vendor.example' }\n");
    expect(problems).toEqual([]);
    expect(document).toEqual({ ...samplePolicy(), routes: { vendor: { owner: "team-lab", target: "https://api.vendor.example" } } });
  });

  it("replaces the top-level scalars", () => {
    expect(overlaid("environment: dev").document).toEqual({ ...samplePolicy(), environment: "dev" });
  });

  it("changes the policy version, unless it says what stands there", () => {
    const version = policyVersion(samplePolicy());
    expect(policyVersion(overlaid("environment: dev").document!)).not.toBe(version);
    expect(policyVersion(overlaid("environment: prod\nipPolicies: { office: { allow: [10.0.0.0/8] } }").document!)).toBe(version);
  });

  it("follows another: the last one stands", () => {
    expect(overlaid("environment: dev\nname: lab", "environment: test").document).toMatchObject({ environment: "test", name: "lab" });
  });

  it("may not bring an entry that the base does not have", () => {
    const { document, problems } = overlaid("routes:\n  vendr: { owner: t, target: 'https://api.vendor.example' }\n");
    expect(document).toBeUndefined();
    expect(problems[0]).toEqual({
      severity: "error",
      rule: "overlay-unknown-entry",
      pointer: "/routes/vendr",
      message: "the overlay replaces `routes.vendr`, which the base does not have",
      cure: "Declare the entry in the base, or correct its name.",
      position: { file: "overlay-0.yaml", line: 2, column: 3 },
    });
  });

  it("may not bring one into a section that the base does not have either, nor one of Object.prototype", () => {
    expect(places("tests: { t: { caller: app, route: vendor, request: GET /, expect: deny } }")).toEqual([
      "overlay-unknown-entry /tests/t overlay-0.yaml:1:10",
    ]);
    expect(places("routes: { valueof: { owner: t, target: 'https://a.example' } }")[0]).toBe(
      "overlay-unknown-entry /routes/valueof overlay-0.yaml:1:11",
    );
  });

  it("has an unknown section told at its place in it, be it empty or not", () => {
    expect(places("environment: dev\nbogus: {}\n")).toEqual(["unknown-field /bogus overlay-0.yaml:2:1"]);
    expect(places("environment: dev\nbogus: 7\n")).toEqual(["unknown-field /bogus overlay-0.yaml:2:1"]);
  });

  it("must be a map", () => {
    for (const text of ["routes", "- routes", "null"]) expect(places(text)).toEqual(["wrong-type  overlay-0.yaml:1:1"]);
  });

  it("has its mistakes told at their place in it, and those of the base in the base", () => {
    const overlay = "name: Lab\nroutes:\n  vendor:\n    owner: t\n    target: https://API.vendor.example\n";
    expect(places(overlay)).toEqual(["bad-value /name overlay-0.yaml:1:1", "bad-target /routes/vendor/target overlay-0.yaml:5:5"]);
    expect(places(overlay.replace("Lab", "lab"))).toEqual(["bad-target /routes/vendor/target overlay-0.yaml:5:5"]);
    const line = base.text.split("\n").findIndex((row) => row.includes("route: vendor")) + 1;
    const bad = { ...base, text: base.text.replace("route: vendor", "route: vendr") };
    const { problems } = parsePolicy(
      [bad, { text: "routes: { vendor: { owner: t, target: 'https://api.vendor.example' } }", file: "o.yaml" }],
      { today: TODAY },
    );
    expect(problems.map(({ rule, position }) => `${rule} ${position?.file}:${position?.line}`)).toEqual([
      `unknown-reference policy.yaml:${line}`,
      "route-without-grant o.yaml:1",
    ]);
  });

  it("has what cannot be read told together with that of the base", () => {
    const { document, problems } = parsePolicy(
      [
        { text: "a: &x 1", file: "a.yaml" },
        { text: 'b: "', file: "b.yaml" },
      ],
      { today: TODAY },
    );
    expect(document).toBeUndefined();
    expect(problems.map(({ rule, position }) => `${rule} ${position?.file}`)).toEqual(["anchor a.yaml", "syntax b.yaml"]);
  });

  it("does not echo a refused node of the base where it replaces the entry", () => {
    const bad = { ...base, text: base.text.replace("owner: team-payments", "owner: !x team-payments") };
    const { problems } = parsePolicy(
      [bad, { text: "routes: { vendor: { owner: 7, target: 'https://api.vendor.example' } }", file: "o.yaml" }],
      { today: TODAY },
    );
    expect(problems.map(({ rule, position }) => `${rule} ${position?.file}`)).toEqual(["tag policy.yaml", "wrong-type o.yaml"]);
  });
});
