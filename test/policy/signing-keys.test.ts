import { describe, expect, it } from "vitest";
import { keysOf, placedKeys } from "../../lib/policy/signing-keys.js";
import { problemsOf } from "./sample-policy.js";

describe("keysOf", () => {
  it("gives the one key, by its id or the entry's name", () => {
    expect(keysOf("app", { key: "app-key" })).toEqual([{ keyId: "app", key: "app-key" }]);
    expect(keysOf("app", { key: "app-key", keyId: "app-2026" })).toEqual([{ keyId: "app-2026", key: "app-key" }]);
  });

  it("gives each of several by its own id", () => {
    const keys = {
      "app-2025": { key: "old", state: "verify-only" as const },
      "app-2026": { key: "new", notBefore: "2026-01-01T00:00:00Z" },
    };
    expect(keysOf("app", { keys })).toEqual([
      { keyId: "app-2025", key: "old", state: "verify-only" },
      { keyId: "app-2026", key: "new", notBefore: "2026-01-01T00:00:00Z" },
    ]);
    expect(placedKeys("app", { keys }).map(([, ...at]) => at)).toEqual([
      ["keys", "app-2025", "key"],
      ["keys", "app-2026", "key"],
    ]);
  });
});

describe("several keys in a document", () => {
  const problemsWith = (entry: object, id = "app-2026") =>
    problemsOf((policy) => {
      policy.callers.app = { kind: "hmac", keys: { [id]: { key: "app-key", ...entry } } };
    }).map(({ rule, pointer }) => `${rule} ${pointer}`);

  it.each([
    ["a month that does not exist", { notAfter: "2026-13-01T00:00:00Z" }, ["bad-value /callers/app/keys/app-2026/notAfter"]],
    ["a time that is not in UTC", { notAfter: "2026-01-01T00:00:00+01:00" }, ["bad-value /callers/app/keys/app-2026/notAfter"]],
    ["a date alone", { notBefore: "2026-01-01" }, ["bad-value /callers/app/keys/app-2026/notBefore"]],
    ["a state that is none", { state: "retired" }, ["bad-value /callers/app/keys/app-2026/state"]],
    ["a field that is none", { validUntil: "2026" }, ["unknown-field /callers/app/keys/app-2026/validUntil"]],
    ["a secret that is not there", { key: "gone" }, ["unknown-reference /callers/app/keys/app-2026/key"]],
    ["nothing amiss", { notBefore: "2026-01-01T00:00:00Z", notAfter: "2026-02-01T00:00:00Z", state: "active" }, []],
  ])("%s", (_, entry, expected) => {
    expect([...new Set(problemsWith(entry))]).toEqual(expected);
  });

  it("have ids that a header can carry", () => {
    expect(problemsWith({}, "app 2026")).toEqual(["bad-name /callers/app/keys/app 2026"]);
  });
});

it("a signing profile's secret must be let go to the route's host, each of them", () => {
  const problems = problemsOf((policy) => {
    policy.signingProfiles.p = { kind: "hmac", keys: { a: { key: "vendor-key" }, b: { key: "app-key" } } };
    policy.routes.vendor.sign = "p";
  });
  expect(problems).toMatchObject([
    { rule: "host-not-allowed", pointer: "/routes/vendor/sign", message: "`app-key` may not go to `api.vendor.example`" },
  ]);
});
