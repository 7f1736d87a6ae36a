import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { readablePart } from "../../lib/policy/readable-part.js";
import { checkShape } from "../../lib/policy/shape.js";
import { validateDocument } from "../../lib/policy/validate.js";
import { type Bend, problemsOf, TODAY } from "./sample-policy.js";

const told = (bend: Bend) => problemsOf(bend).map(({ rule, pointer }) => `${rule} ${pointer}`);

describe("a document with mistakes of shape and of meaning", () => {
  const text = `version: 1
name: Door
environment: prod
secrets:
  key: { source: { kind: managed }, allowedHosts: ["*.vendor.example"], colour: red }
  old: { source: { kind: vault }, allowedHosts: [], maxAgeDays: 0 }
ipPolicies:
  office: { allow: [10.0.0.1/8] }
  world: { deny: [192.0.2.0/24] }
callers:
  app: { kind: hmac, key: gone }
routes:
  vendor: { target: http://api.vendor.example, inject: [{ kind: bearer, secret: key }] }
  spare: { owner: team, target: https://API.vendor.example, limits: { deadlineSeconds: "9" } }
grants:
  read: { caller: app, route: vendor, requests: [GET /a*], when: { form: office } }
`;
  const { document, problems } = parsePolicy([{ text, file: "policy.yaml" }], { today: TODAY });

  it("has them all told at once, in the order of the file", () => {
    expect(document).toBeUndefined();
    expect(problems.map(({ rule, pointer, position }) => `${position?.line} ${rule} ${pointer}`)).toEqual([
      "2 bad-value /name",
      "5 secret-max-age /secrets/key",
      "5 wildcard-host /secrets/key/allowedHosts/0",
      "5 unknown-field /secrets/key/colour",
      "6 unknown-kind /secrets/old/source/kind",
      "6 bad-value /secrets/old/maxAgeDays",
      "8 bad-network /ipPolicies/office/allow/0",
      "9 open-network /ipPolicies/world",
      "11 unknown-reference /callers/app/key",
      "13 missing-field /routes/vendor",
      "13 cleartext-target /routes/vendor/target",
      "14 route-without-grant /routes/spare",
      "14 bad-target /routes/spare/target",
      "14 wrong-type /routes/spare/limits/deadlineSeconds",
      "16 bad-request-pattern /grants/read/requests/0",
      "16 unknown-field /grants/read/when/form",
    ]);
  });
});

describe("what only follows from a refusal is not told:", () => {
  it.each<[what: string, bend: Bend, problems: string[]]>([
    [
      "a reference to an entry that is refused whole",
      (policy) => Object.assign(policy.callers, { app: { kind: "hmac", key: "app-key", keys: [] } }, { app: { kind: "gitlab" } }),
      ["unknown-kind /callers/app/kind"],
    ],
    ["references to a section that is refused", (policy) => Object.assign(policy, { secrets: ["key"] }), ["wrong-type /secrets"]],
    ["references to a section that is missing", (policy) => delete policy.callers, ["missing-field "]],
    ["a route whose grant is refused", (policy) => delete policy.grants["vendor-charge"].requests, ["missing-field /grants/vendor-charge"]],
    ["the same value again", (policy) => Object.assign(policy.routes.vendor, { target: "ftp://x" }), ["bad-value /routes/vendor/target"]],
    [
      "a field that is there, but wrong",
      (policy) => Object.assign(policy.secrets["app-key"], { maxAgeDays: "ninety" }),
      ["wrong-type /secrets/app-key/maxAgeDays"],
    ],
    [
      "a field that is there, but misspelled",
      (policy) => {
        policy.ipPolicies.office = { alow: ["10.0.0.0/8"] };
      },
      ["unknown-field /ipPolicies/office/alow"],
    ],
    [
      "whatever stands in a list with a wrong item, for places behind it would shift",
      (policy) => {
        policy.grants["vendor-charge"].requests = [7, "GET /a*"];
      },
      ["wrong-type /grants/vendor-charge/requests/0"],
    ],
  ])("%s", (_what, bend, problems) => {
    expect(told(bend)).toEqual(problems);
  });

  it("but a real mistake beside it is", () => {
    const bend: Bend = (policy) => {
      policy.callers.app.kind = "gitlab";
      policy.grants["vendor-charge"].route = "vendr";
    };
    expect(told(bend)).toEqual([
      "unknown-kind /callers/app/kind",
      "unknown-reference /grants/vendor-charge/route",
      "route-without-grant /routes/vendor",
    ]);
  });
});

describe("readablePart", () => {
  it.each([[{}], [null], [[]], ["policy"], [{ secrets: { a: 1 }, grants: { g: {} }, routes: { r: { inject: [1] } }, callers: 7 }]])(
    "of %j has a shape that no check trips over",
    (value) => {
      expect(checkShape(readablePart(value).document)).toEqual([]);
      expect(validateDocument(value, { today: TODAY }).document).toBeUndefined();
    },
  );

  it("leaves the value itself alone", () => {
    const value = { version: 2, colour: "red", callers: { app: { kind: "hmac", keys: [7] } } };
    const before = JSON.stringify(value);
    readablePart(value);
    expect(JSON.stringify(value)).toBe(before);
  });

  it("takes even what no text can hold", () => {
    expect(told((policy) => Object.assign(policy.routes.vendor, { owner: () => "team" }))).toEqual(["wrong-type /routes/vendor/owner"]);
  });
});
