import { describe, expect, it } from "vitest";
import type { PlatformIdentity } from "../../lib/pipeline/message.js";
import { type TestDoorOptions, TOKEN, testDoor } from "../fakes/door.js";

const ROLE: PlatformIdentity = {
  kind: "iam-role",
  partition: "aws",
  account: "222222222222",
  roleName: "payments",
  sessionName: "alice",
};

const doorFor = (caller: object = {}) => {
  const policy: TestDoorOptions["policy"] = {
    callers: { role: { kind: "iam-role", account: "222222222222", roleName: "payments", ...caller } },
    grants: { "api-role": { caller: "role", route: "api", requests: ["GET /v1/**"] } },
  };
  const test = testDoor({ policy });
  const callAs = (identity: Partial<PlatformIdentity>, headers: [string, string][] = []) =>
    test.send({ headers, known: { platformIdentity: { ...ROLE, ...identity } } });
  return { ...test, callAs };
};

describe("a role that the platform vouches for", () => {
  it("is its caller, without a signature or token", async () => {
    const { callAs, commits, audit } = doorFor();
    expect((await callAs({})).status).toBe(200);
    expect(commits.commits[0]).toMatchObject({ owner: "role", intent: { caller: "role", proof: "iam-role" } });
    expect(audit.events.at(-1)).not.toHaveProperty("details");
  });

  it("may call again and again, for nothing in its proof is good only once", async () => {
    const { callAs } = doorFor();
    expect([(await callAs({})).status, (await callAs({})).status]).toEqual([200, 200]);
  });

  it("brings its person into intent and outcome, where the policy trusts the session's name", async () => {
    const { callAs, commits, audit } = doorFor({ person: "session-name" });
    await callAs({});
    expect(commits.commits[0]?.intent).toMatchObject({ details: { person: "alice" } });
    expect(audit.events.at(-1)).toMatchObject({ kind: "outcome", details: { person: "alice" } });
  });

  it.each([
    ["account", { account: "333333333333" }],
    ["role", { roleName: "Payments" }],
  ])("is nobody when its %s is another", async (_, identity) => {
    const { callAs, audit, upstream } = doorFor();
    expect((await callAs(identity)).code).toBe("DENIED");
    expect(audit.events.at(-1)).toMatchObject({ reason: "CALLER_UNKNOWN", details: { kind: "iam-role", ...identity } });
    expect(upstream.sent).toEqual([]);
  });

  it.each(["x-signature", "Sallyport-Authorization"])("is refused when a second proof stands beside it in %s", async (header) => {
    const { callAs, audit } = doorFor();
    expect((await callAs({}, [[header, `Bearer ${TOKEN}`]])).code).toBe("DENIED");
    expect(audit.events.at(-1)).toMatchObject({
      reason: "PROOF_MALFORMED",
      details: { what: "a second proof beside the platform's", header: header.toLowerCase() },
    });
  });

  it("is not found in what a caller can send", async () => {
    const { ask, send, audit } = doorFor();
    expect((await send({ headers: [["x-amzn-iam-user-arn", "arn:aws:sts::222222222222:assumed-role/payments/alice"]] })).code).toBe(
      "DENIED",
    );
    expect(audit.events.at(-1)).toMatchObject({ reason: "PROOF_MISSING" });
    await ask();
    expect(audit.events.at(-1)).toMatchObject({ caller: "batch" });
  });
});
