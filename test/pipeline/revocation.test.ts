import { describe, expect, it } from "vitest";
import { SallyportError } from "../../lib/errors.js";
import { type TestDoorOptions, testDoor } from "../fakes/door.js";

function doorWith(revoked: readonly string[] | Error, policy: TestDoorOptions["policy"] = {}) {
  const asked: (readonly string[])[] = [];
  const revocations = {
    async revoked(names: readonly string[]) {
      asked.push(names);
      if (revoked instanceof Error) throw revoked;
      return names.filter((name) => revoked.includes(name));
    },
  };
  return { ...testDoor({ revocations, policy }), asked };
}

const EVERYTHING: TestDoorOptions["policy"] = {
  certificates: { client: { source: { kind: "managed" }, allowedHosts: ["api.example.com"] } },
  signingProfiles: { vendor: { kind: "hmac", key: "signing-key" } },
  routes: {
    api: {
      owner: "team-test",
      target: "https://api.example.com",
      inject: [{ kind: "bearer", secret: "api-key" }],
      sign: "vendor",
      tls: { clientCertificate: "client" },
    },
  },
};

describe("revocation", () => {
  it("asks about the caller and every credential of its route", async () => {
    const { ask, asked } = doorWith([], EVERYTHING);
    await ask();
    expect(asked).toEqual([["callers/batch", "secrets/api-key", "secrets/signing-key", "certificates/client"]]);
  });

  it.each(["callers/batch", "secrets/api-key", "secrets/signing-key", "certificates/client"])(
    "of %s denies, without telling the caller",
    async (name) => {
      const { ask, audit, commits, secrets, upstream } = doorWith([name], EVERYTHING);
      expect((await ask()).code).toBe("DENIED");
      expect(audit.events.at(-1)).toMatchObject({ kind: "denial", reason: "REVOKED", details: { revoked: [name] } });
      expect([commits.commits, secrets.reads, upstream.sent]).toEqual([[], [], []]);
    },
  );

  it("of another caller or secret changes nothing", async () => {
    expect((await doorWith(["callers/payments", "secrets/signing-key"]).ask()).status).toBe(200);
  });

  it("is not asked about for a call that is denied anyway", async () => {
    const { ask, asked } = doorWith([]);
    expect((await ask({ target: "/api/v2" })).code).toBe("DENIED");
    expect(asked).toEqual([]);
  });

  it("denies when nobody knows what is revoked", async () => {
    const { ask, audit, upstream } = doorWith(new SallyportError("REVOCATIONS_UNKNOWN"));
    const answer = await ask();
    expect([answer.status, answer.code]).toEqual([503, "OVERLOADED"]);
    expect(audit.events.at(-1)).toMatchObject({ reason: "REVOCATIONS_UNKNOWN" });
    expect(upstream.sent).toEqual([]);
  });
});
