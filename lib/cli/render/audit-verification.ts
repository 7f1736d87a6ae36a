import type { ChainProblem } from "../../audit/index.js";
import type { AuditVerification } from "../commands/audit-verify.js";
import type { Paint } from "../paint.js";

const MEANINGS: Readonly<Record<ChainProblem, string>> = {
  edited: "its text is not what was written",
  "truncated head": "the file does not begin with event 1",
  dropped: "events before it are missing",
  reordered: "an event that belongs before it stands further down",
  forked: "it follows another event than the one before it",
};

export function auditVerificationText({ verified, file, events, head, firstBad, tornLastLine }: AuditVerification, paint: Paint): string {
  const rows = [verified ? `${paint("green", "verified")}: ${file}` : `${paint("red", "tampered")}: ${file}`];
  if (firstBad !== undefined)
    rows.push(`  line ${firstBad.line}, event ${firstBad.seq}: ${firstBad.problem}, ${MEANINGS[firstBad.problem]}`);
  rows.push(`  events: ${events}${verified ? "" : " before it"}`, `  head: event ${head.seq}, hash ${head.hash}`);
  if (tornLastLine) rows.push("  the last line is torn: a crash cut it off before it was acknowledged");
  if (verified) rows.push("  compare the head with one kept elsewhere: events missing from the end leave no trace in the file");
  return rows.join("\n");
}
