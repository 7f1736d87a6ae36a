/**
 * Locally an intent stands twice: durable with its claim, and as a line of the audit's chain. When the line cannot be
 * written the claim is taken back and the call refused, before any credential is touched. (Fault 12)
 */
import type { AuditSink, CommitStore } from "../../ports.js";

export const auditedCommits = (commits: CommitStore, audit: AuditSink): CommitStore => ({
  async commit(commit, now) {
    const result = await commits.commit(commit, now);
    if (result !== "committed") return result;
    try {
      await audit.append(commit.intent);
      return result;
    } catch (fault) {
      await commits.release(commit.claim);
      throw fault;
    }
  },
  release: (claim) => commits.release(claim),
});
