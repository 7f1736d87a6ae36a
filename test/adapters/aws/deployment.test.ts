import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readDeployment } from "../../../lib/adapters/aws/deployment.js";
import { formatCidr } from "../../../lib/net/cidr.js";
import type { PolicyDocument } from "../../../lib/policy/document.generated.js";
import { canonicalPolicy, policyVersion } from "../../../lib/policy/version.js";
import { POLICY } from "../../fakes/door.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

const document = POLICY as unknown as PolicyDocument;
const BINDINGS = { secretPrefix: "door/1a2b/", commitTable: "commits", entrances: { iam: "a1" } };

function deployed(change: Readonly<Record<string, string | undefined>> = {}, policy: PolicyDocument = document) {
  const folder = temporaryFolder(onTestFinished);
  writeFileSync(join(folder, "policy.json"), canonicalPolicy(policy));
  return readDeployment({
    LAMBDA_TASK_ROOT: folder,
    SALLYPORT_BINDINGS: JSON.stringify(BINDINGS),
    SALLYPORT_POLICY_VERSION: policyVersion(policy),
    ...change,
  });
}

describe("a deployment", () => {
  it("is the document beside the code, the bindings, and limits with their defaults", async () => {
    const { policy, allowUpstream, ...rest } = await deployed();
    expect(policy.version).toBe(policyVersion(document));
    expect([...policy.routes.keys()]).toEqual(["api"]);
    expect(allowUpstream).toEqual([]);
    const secrets = Object.fromEntries(Object.keys(document.secrets!).map((name) => [name, `door/1a2b/${name}`]));
    const bindings = { secrets, certificates: {}, commitTable: "commits", entrances: { iam: "a1" } };
    expect(rest).toEqual({ bindings, secretFreshMs: 60_000, secretMaxStaleMs: 300_000, revocationPollMs: 1_000 });
  });

  it("knows a secret that the door did not make by its own name", async () => {
    const source = { kind: "secrets-manager" as const, name: "prod/stripe" };
    const certificates = { client: { source, allowedHosts: [] }, own: { source: { kind: "managed" as const }, allowedHosts: [] } };
    const { bindings } = await deployed({}, { ...document, certificates });
    expect(bindings.certificates).toEqual({ client: "prod/stripe", own: "door/1a2b/own" });
  });

  it("may set its own limits", async () => {
    const limits = { SALLYPORT_SECRET_FRESH_MS: "0", SALLYPORT_SECRET_MAX_STALE_MS: "5000", SALLYPORT_REVOCATION_POLL_MS: "250" };
    expect(await deployed(limits)).toMatchObject({ secretFreshMs: 0, secretMaxStaleMs: 5_000, revocationPollMs: 250 });
  });

  it("may name networks that upstreams can be in", async () => {
    const { allowUpstream } = await deployed({ SALLYPORT_ALLOW_UPSTREAM_CIDRS: "10.1.0.0/16,fd00::/8" });
    expect(allowUpstream.map(formatCidr)).toEqual(["10.1.0.0/16", "fd00::/8"]);
  });

  it("is refused when such a network cannot be read", async () => {
    await expect(deployed({ SALLYPORT_ALLOW_UPSTREAM_CIDRS: "10.1.0.0/16,10.1.0.0/33" })).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringContaining("SALLYPORT_ALLOW_UPSTREAM_CIDRS must hold networks"),
      }),
    );
  });

  it("is refused when the document is not the one that synthesis validated", async () => {
    const expected = policyVersion({ ...document, environment: "prod" });
    await expect(deployed({ SALLYPORT_POLICY_VERSION: expected })).rejects.toThrow(
      expect.objectContaining({
        code: "POLICY_INVALID",
        message: expect.stringContaining("policy.json is not the document that this function was deployed with"),
        details: { expected, found: policyVersion(document) },
      }),
    );
  });

  it("is refused when the document has a part that nothing enforces", async () => {
    const grants = { "api-payments": { ...document.grants["api-payments"]!, when: { risk: { below: 60 } } } };
    await expect(deployed({}, { ...document, grants })).rejects.toThrow(
      expect.objectContaining({ code: "POLICY_UNSUPPORTED", details: { parts: ["grants/api-payments/when/risk"] } }),
    );
  });

  it.each(["LAMBDA_TASK_ROOT", "SALLYPORT_BINDINGS", "SALLYPORT_POLICY_VERSION"])("is refused without %s", async (variable) => {
    await expect(deployed({ [variable]: undefined })).rejects.toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", details: { variable, expected: "a value" } }),
    );
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["no prefix", JSON.stringify({ ...BINDINGS, secretPrefix: undefined })],
    ["no table", JSON.stringify({ ...BINDINGS, commitTable: undefined })],
    ["no entrance", JSON.stringify({ ...BINDINGS, entrances: {} })],
  ])("is refused when its bindings are or have %s", async (_, SALLYPORT_BINDINGS) => {
    await expect(deployed({ SALLYPORT_BINDINGS })).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringContaining("SALLYPORT_BINDINGS must hold JSON with secretPrefix"),
      }),
    );
  });

  it.each(["", "1s", "-1", "1e3", "9999999999"])("is refused when a limit is %j", async (SALLYPORT_SECRET_FRESH_MS) => {
    await expect(deployed({ SALLYPORT_SECRET_FRESH_MS })).rejects.toThrow(
      expect.objectContaining({ details: { variable: "SALLYPORT_SECRET_FRESH_MS", expected: "whole milliseconds" } }),
    );
  });
});
