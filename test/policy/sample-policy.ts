/** A small valid policy without a finding, and the ways in which tests bend it. */
import type { PolicyDocument } from "../../lib/policy/document.generated.js";
import type { Problem } from "../../lib/policy/problem.js";
import { validateDocument } from "../../lib/policy/validate.js";

export const TODAY = "2026-06-15";

export const samplePolicy = (): PolicyDocument => ({
  version: 1,
  name: "door",
  environment: "prod",
  secrets: {
    "app-key": { source: { kind: "managed" }, allowedHosts: [], maxAgeDays: 30 },
    "vendor-key": { source: { kind: "managed" }, allowedHosts: ["api.vendor.example"], maxAgeDays: 90 },
  },
  certificates: { "vendor-client": { source: { kind: "managed" }, allowedHosts: ["api.vendor.example"] } },
  ipPolicies: { office: { allow: ["10.0.0.0/8"] } },
  signingProfiles: { "vendor-hmac": { kind: "hmac", key: "vendor-key" } },
  callers: {
    app: { kind: "hmac", key: "app-key" },
    batch: { kind: "bearer-token", sha256: "0123456789abcdef".repeat(4) },
  },
  routes: {
    vendor: { owner: "team-payments", target: "https://api.vendor.example", inject: [{ kind: "bearer", secret: "vendor-key" }] },
  },
  grants: { "vendor-charge": { caller: "app", route: "vendor", requests: ["POST /v1/charges"] } },
});

/** Bends a copy of the sample in place; the types are loose, for most bends are mistakes. */
// biome-ignore lint/suspicious/noExplicitAny: a test writes what the types forbid
export type Bend = (policy: any) => void;

export function bent(bend: Bend): PolicyDocument {
  const policy = samplePolicy();
  bend(policy);
  return policy;
}

export const problemsOf = (bend: Bend, today = TODAY): readonly Problem[] => validateDocument(bent(bend), { today }).problems;
