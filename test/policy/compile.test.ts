import { describe, expect, it } from "vitest";
import { compilePolicy, DEFAULT_LIMITS, identityKeys } from "../../lib/policy/compile.js";
import { bent, samplePolicy } from "./sample-policy.js";

describe("compilePolicy", () => {
  it("gives each route its origin, and what is said of it by default", () => {
    expect(compilePolicy(samplePolicy()).routes.get("vendor")).toEqual({
      name: "vendor",
      origin: { scheme: "https", host: "api.vendor.example", port: 443, authority: "api.vendor.example", basePath: "" },
      from: undefined,
      inject: [{ kind: "bearer", secret: "vendor-key" }],
      sign: undefined,
      clientCertificate: undefined,
      forward: undefined,
      limits: { maxBodyBytes: 10_485_760, deadlineSeconds: 25 },
    });
  });

  it("carries over what a route says", () => {
    const policy = compilePolicy(
      bent(({ routes }) => {
        Object.assign(routes.vendor, {
          sign: "vendor-hmac",
          tls: { clientCertificate: "vendor-client" },
          headers: { forward: ["accept"] },
          hosts: ["vendor.door.example"],
          limits: { deadlineSeconds: 5 },
        });
      }),
    );
    expect(policy.routes.get("vendor")).toMatchObject({
      sign: "vendor-hmac",
      clientCertificate: "vendor-client",
      forward: new Set(["accept"]),
      limits: { ...DEFAULT_LIMITS, deadlineSeconds: 5 },
    });
    expect([...policy.hosts]).toEqual([["vendor.door.example", "vendor"]]);
  });

  it("lets an empty forward list forward nothing, not everything", () => {
    const policy = compilePolicy(bent(({ routes }) => Object.assign(routes.vendor, { headers: { forward: [] } })));
    expect(policy.routes.get("vendor")?.forward).toEqual(new Set());
  });

  it("finds callers by what proves them", () => {
    expect([...compilePolicy(samplePolicy()).callers]).toEqual([
      ["hmac app", "app"],
      [`bearer-token ${"0123456789abcdef".repeat(4)}`, "batch"],
    ]);
  });

  it("refuses to compile a value that is not plain JSON", () => {
    expect(() => compilePolicy(bent((policy) => Object.assign(policy.routes.vendor, { from: undefined })))).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining("canonical JSON cannot hold undefined") }),
    );
  });
});

describe("identityKeys", () => {
  it("name an hmac caller by its key id, else by its own name", () => {
    expect(identityKeys("app", { kind: "hmac", key: "app-key", keyId: "app-2026" })).toEqual(["hmac app-2026"]);
    expect(identityKeys("app", { kind: "hmac", key: "app-key" })).toEqual(["hmac app"]);
  });

  it("name an hmac caller by every key that it has, also one that is refused", () => {
    const keys = { "app-2025": { key: "app-key", state: "revoked" as const }, "app-2026": { key: "new-key" } };
    expect(identityKeys("app", { kind: "hmac", keys })).toEqual(["hmac app-2025", "hmac app-2026"]);
  });

  it("are none for kinds that need more than a look-up", () => {
    expect(identityKeys("ci", { kind: "github-actions", repository: "acme/app" })).toEqual([]);
    expect(identityKeys("app", { kind: "jwt", issuer: "https://id.example", audience: "door" })).toEqual([]);
  });
});
