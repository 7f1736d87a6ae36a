import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { formatProblem } from "../../lib/policy/problem.js";
import { checkShape } from "../../lib/policy/shape.js";
import { type Bend, bent, samplePolicy, TODAY } from "./sample-policy.js";

const NAME = "a name of 1 to 63 lower-case letters, digits and hyphens that starts with a letter";
const TEXT = "a text of 1 to 500 characters, none of them a control or invisible one";

describe("checkShape", () => {
  it("finds nothing in a valid document", () => {
    expect(checkShape(samplePolicy())).toEqual([]);
  });

  it.each<[what: string, bend: Bend, problem: object]>([
    [
      "an unknown field, with the name that was meant",
      (policy) => Object.assign(policy.routes.vendor, { ownr: "team" }),
      {
        rule: "unknown-field",
        pointer: "/routes/vendor/ownr",
        message: "unknown field `ownr`",
        expected: "one of owner, target, hosts, from, inject, sign, tls, headers, limits, retry, dataClass, waivers",
        found: "ownr",
        cure: "Write `owner`, or remove it.",
      },
    ],
    [
      "an unknown field that resembles none",
      (policy) => Object.assign(policy, { colour: "red" }),
      { rule: "unknown-field", pointer: "/colour", message: "unknown field `colour`", cure: "Remove it." },
    ],
    [
      "a missing field",
      (policy) => delete policy.routes.vendor.owner,
      {
        rule: "missing-field",
        pointer: "/routes/vendor",
        message: "the field `owner` is missing",
        expected: "the fields owner, target",
        found: "nothing",
        cure: "Add `owner`.",
      },
    ],
    [
      "a value of the wrong type",
      (policy) => Object.assign(policy.secrets["app-key"], { maxAgeDays: "ninety" }),
      {
        rule: "wrong-type",
        pointer: "/secrets/app-key/maxAgeDays",
        message: "the value has the wrong type",
        expected: "the age in days (1 to 3650) after which the value must have been rotated",
        found: "ninety",
        cure: "Write a value of type integer.",
      },
    ],
    [
      "a map where a list belongs",
      (policy) => Object.assign(policy.grants["vendor-charge"], { requests: {} }),
      { rule: "wrong-type", pointer: "/grants/vendor-charge/requests", expected: "array", found: "a map" },
    ],
    [
      "an unknown kind",
      (policy) => Object.assign(policy.callers, { ci: { kind: "gitlab", project: "acme/app" } }),
      {
        rule: "unknown-kind",
        pointer: "/callers/ci/kind",
        message: "unknown kind `gitlab`",
        expected: "how a caller proves who it is: kind `hmac`, `bearer-token`, `iam-role`, `github-actions`, `jwt` or `client-certificate`",
        found: "gitlab",
        cure: "Set `kind` to one of the kinds named.",
      },
    ],
    [
      "a missing kind, once",
      (policy) => delete policy.callers.app.kind,
      { rule: "unknown-kind", pointer: "/callers/app/kind", message: "`kind` is missing", found: "nothing" },
    ],
    [
      "a value outside an enumeration",
      (policy) => Object.assign(policy.grants["vendor-charge"], { effect: "permit" }),
      {
        rule: "bad-value",
        pointer: "/grants/vendor-charge/effect",
        message: "the value is not allowed",
        expected: "allow or deny",
        found: "permit",
        cure: "Write allow or deny.",
      },
    ],
    [
      "a wrong constant",
      (policy) => Object.assign(policy, { version: 2 }),
      { rule: "bad-value", pointer: "/version", expected: "1", found: "2", cure: "Write 1." },
    ],
    [
      "a text of the wrong form, without showing a regular expression",
      (policy) => Object.assign(policy.grants["vendor-charge"], { caller: "App" }),
      {
        rule: "bad-value",
        pointer: "/grants/vendor-charge/caller",
        message: "the value does not have the form expected",
        expected: NAME,
        found: "App",
        cure: `Write ${NAME}.`,
      },
    ],
    [
      "a number out of range",
      (policy) => Object.assign(policy.routes.vendor, { limits: { deadlineSeconds: 901 } }),
      { rule: "bad-value", pointer: "/routes/vendor/limits/deadlineSeconds", message: "the value must be <= 900", found: "901" },
    ],
    [
      "a date that no calendar has",
      (policy) => Object.assign(policy.routes.vendor, { waivers: [{ rule: "cleartext-target", reason: "r", expires: "2026-02-30" }] }),
      { rule: "bad-value", pointer: "/routes/vendor/waivers/0/expires", expected: "a date as YYYY-MM-DD", found: "2026-02-30" },
    ],
    [
      "a bad name of an entry",
      (policy) => Object.assign(policy.routes, { Vendor_2: policy.routes.vendor }),
      {
        rule: "bad-name",
        pointer: "/routes/Vendor_2",
        message: "`Vendor_2` is not a valid name",
        expected: NAME,
        found: "Vendor_2",
        cure: "Rename the entry.",
      },
    ],
    [
      "a body field that is no JSON Pointer",
      (policy) => Object.assign(policy.grants["vendor-charge"], { when: { body: { amount: [1] } } }),
      { rule: "bad-name", pointer: "/grants/vendor-charge/when/body/amount", expected: "a JSON Pointer (RFC 6901), such as /amount" },
    ],
    [
      "a lone surrogate",
      (policy) => Object.assign(policy.routes.vendor, { owner: "a\ud800" }),
      { rule: "bad-value", pointer: "/routes/vendor/owner", expected: TEXT },
    ],
    [
      "a text that reverses what a reviewer reads",
      (policy) => Object.assign(policy.routes.vendor, { owner: "a\u202eb" }),
      { rule: "bad-value", found: "a b" },
    ],
  ])("finds %s", (_what, bend, problem) => {
    expect(checkShape(bent(bend))).toEqual([expect.objectContaining({ severity: "error", ...problem })]);
  });

  it.each([
    [null, "null"],
    [[], "a list"],
    ["policy", "policy"],
    [7, "7"],
  ])("refuses %j as a document", (value, found) => {
    expect(checkShape(value)).toEqual([expect.objectContaining({ rule: "wrong-type", pointer: "", found })]);
  });

  it("cuts a long value, and keeps it on one line", () => {
    const [problem] = checkShape(bent((policy) => Object.assign(policy.grants["vendor-charge"], { route: `${"A\n".repeat(100)}` })));
    expect(problem?.found).toBe(`${"A ".repeat(40)}…`);
  });

  it.each(["sk_live_4eC39HqLyjWDarjtT1zdp7dc", "Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a", "v7K2mQ9xR4tB8wZ1nC6yL3pD"])(
    "shows %s as [redacted], as value, as field and as name",
    (credential) => {
      const problems = checkShape(
        bent((policy) => {
          policy.grants["vendor-charge"].caller = credential;
          policy.routes.vendor[credential] = 1;
          policy.secrets[credential] = policy.secrets["app-key"];
          policy.callers.app.kind = credential;
        }),
      );
      expect(problems.map(({ rule, found }) => `${rule} ${found?.replace("Bearer ", "")}`).sort()).toEqual([
        "bad-name [redacted]",
        "bad-value [redacted]",
        "unknown-field [redacted]",
        "unknown-kind [redacted]",
      ]);
      expect(JSON.stringify(problems)).not.toContain(credential.slice(-12));
      expect(problems.map(formatProblem).join()).not.toContain(credential.slice(-12));
    },
  );
});

describe("a field for a hash", () => {
  it.each(["sallyport-sdk-token", "example", "hunter2", 12345678])("never shows what stands in it: %s", (token) => {
    const problems = checkShape(bent((policy) => Object.assign(policy.callers.batch, { sha256: token })));
    expect(problems).toEqual([expect.objectContaining({ pointer: "/callers/batch/sha256", found: "a value" })]);
    expect(problems.map(formatProblem).join()).not.toContain(String(token));
  });
});

describe("a document with ten mistakes", () => {
  const text = `version: 2
name: Door
environment: prod
owner: team
secrets:
  key: { source: { kind: vault, path: a }, allowedHosts: [api.vendor.example], maxAgeDays: 0 }
callers:
  app: { kind: hmac, key: [key] }
routes:
  vendor: { target: https://api.vendor.example, inject: [{ kind: bearer, secret: key, scheme: Token }] }
grants:
  read: { caller: app, route: vendor, requests: [get /items], effect: allowed }
`;
  const { document, problems } = parsePolicy([{ text, file: "policy.yaml" }], { today: TODAY });

  it("gives ten problems, each with its place", () => {
    expect(document).toBeUndefined();
    expect(problems.map(({ rule, pointer, position }) => `${position?.line}:${position?.column} ${rule} ${pointer}`)).toEqual([
      "1:1 bad-value /version",
      "2:1 bad-value /name",
      "4:1 unknown-field /owner",
      "6:20 unknown-kind /secrets/key/source/kind",
      "6:80 bad-value /secrets/key/maxAgeDays",
      "8:22 wrong-type /callers/app/key",
      "10:3 missing-field /routes/vendor",
      "10:87 unknown-field /routes/vendor/inject/0/scheme",
      "12:50 bad-value /grants/read/requests/0",
      "12:63 bad-value /grants/read/effect",
    ]);
  });

  it("says for each what was expected, what was found, and the cure", () => {
    for (const { severity, message, expected, found, cure, position } of problems) {
      expect(severity).toBe("error");
      for (const text of [message, expected, found, cure]) expect(text).toMatch(/\S/);
      expect(position?.file).toBe("policy.yaml");
    }
  });
});
