import { describe, expect, it } from "vitest";
import type { SignableMessage } from "../../lib/signing/index.js";
import * as signing from "../../lib/signing/index.js";

describe("sallyport/signing", () => {
  it("signs, verifies and tells a used request with what it exports", async () => {
    const { hmacProfile, isDenial, MemoryCommitStore, SecretValue } = signing;
    const profile = hmacProfile({ form: "strict" });
    const store = new MemoryCommitStore();
    const secret = new SecretValue("canary-signing-key-1");
    const message: SignableMessage = { method: "GET", authority: "door.example", target: "/", headers: [], body: new Uint8Array() };
    const now = 1_700_000_000_000;
    const proof = profile.sign(message, { id: "payments-1", secret }, { timestampSeconds: now / 1000, nonce: "A".repeat(22) });

    const receive = async () => {
      const verified = profile.verify({ ...message, headers: proof }, (id) => (id === "payments-1" ? secret : undefined), now);
      if (isDenial(verified)) return verified.denied;
      const { claim, expiresAtMs, keyId } = verified;
      return store.commit({ claim, expiresAt: expiresAtMs, owner: keyId, intent: {} }, now);
    };
    expect([await receive(), await receive()]).toEqual(["committed", "replayed"]);
  });

  it("exports nothing by default", () => {
    expect(Object.keys(signing)).not.toContain("default");
  });
});
