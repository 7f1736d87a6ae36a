/** `sallyport/signing` on its own: signs a request, verifies it, and tells the second copy. */
import { hmacProfile, isDenial, MemoryCommitStore, SecretValue } from "sallyport/signing";

async function main(): Promise<void> {
  const profile = hmacProfile({ form: "strict" });
  const key = { id: "payments", secret: new SecretValue("a key of the caller's own") };
  const message = { method: "GET", authority: "door.example", target: "/stripe/v1/charges", headers: [], body: new Uint8Array() };
  const now = Date.now();
  const headers = profile.sign(message, key, { timestampSeconds: Math.floor(now / 1000), nonce: "V1StGXR8_Z5jdHi6B-myT" });
  const verified = profile.verify({ ...message, headers }, () => key.secret, now);
  if (isDenial(verified)) throw new Error(verified.denied);

  const store = new MemoryCommitStore();
  const commit = { claim: verified.claim, expiresAt: verified.expiresAtMs, owner: key.id, intent: {} };
  console.log(await store.commit(commit, now), await store.commit(commit, now));
}

void main();
