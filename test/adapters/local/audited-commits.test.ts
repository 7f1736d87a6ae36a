/** Fault 12: what cannot be written down is not committed, and may be asked again. */
import { expect, it } from "vitest";
import { auditedCommits } from "../../../lib/adapters/local/audited-commits.js";
import { memoryCommitStore } from "../../fakes/memory-commit-store.js";
import { recordingAuditSink } from "../../fakes/memory-ports.js";

const COMMIT = { claim: "a", expiresAt: 1000, owner: "payments", intent: { kind: "intent" } };

function both() {
  const commits = memoryCommitStore();
  const audit = recordingAuditSink();
  return { commits, audit, store: auditedCommits(commits, audit) };
}

it("writes the intent after the claim, once", async () => {
  const { store, audit } = both();
  expect([await store.commit(COMMIT, 0), await store.commit(COMMIT, 0)]).toEqual(["committed", "replayed"]);
  expect(audit.events).toEqual([{ kind: "intent" }]);
});

it("writes no intent for a claim that the store did not take", async () => {
  const { store, audit, commits } = both();
  commits.fill();
  expect(await store.commit(COMMIT, 0)).toBe("full");
  commits.fail();
  await expect(store.commit(COMMIT, 0)).rejects.toMatchObject({ code: "COMMIT_UNAVAILABLE" });
  expect(audit.events).toEqual([]);
});

it("takes the claim back when the audit is down, and commits it when the audit is back", async () => {
  const { store, audit, commits } = both();
  audit.fail();
  await expect(store.commit(COMMIT, 0)).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  expect(commits.released).toEqual(["a"]);
  audit.recover();
  expect(await store.commit(COMMIT, 0)).toBe("committed");
});

it("releases a claim in the store beneath", async () => {
  const { store, commits } = both();
  await store.commit(COMMIT, 0);
  await store.release("a");
  expect(commits.released).toEqual(["a"]);
});
