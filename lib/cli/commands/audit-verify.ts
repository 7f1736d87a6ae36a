/** `sallyport audit verify`: whether an audit file is the chain that the door wrote, and the first line that is not (THREATS 26). */
import { type ChainReport, readLines, verifyChain } from "../../audit/index.js";
import type { CommandResult } from "../command-result.js";
import { EXIT } from "../exit-code.js";
import type { Io } from "../io.js";
import { unreadable } from "../policy-sources.js";

export interface AuditVerifyOptions {
  readonly file: string;
}

export interface AuditVerification extends ChainReport {
  readonly verified: boolean;
  readonly file: string;
}

export async function auditVerify({ file }: AuditVerifyOptions, io: Io): Promise<CommandResult<"audit-verification", AuditVerification>> {
  const report = await verifyChain(readLines(io.readChunks(file))).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const verified = report.firstBad === undefined;
  return { exitCode: verified ? EXIT.ok : EXIT.refused, kind: "audit-verification", data: { verified, file, ...report } };
}
