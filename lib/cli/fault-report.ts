/** A fault as an operator may see it: what happened, and the cure. */
import { ERROR_CODES, type ErrorCode, type ErrorDetails, SallyportError } from "../errors.js";

export interface FaultReport {
  readonly code: ErrorCode | "UNEXPECTED";
  readonly message: string;
  readonly cure: string | null;
  readonly details: ErrorDetails;
}

export function faultReport(fault: unknown): FaultReport {
  if (!(fault instanceof SallyportError)) {
    return { code: "UNEXPECTED", message: fault instanceof Error ? fault.message : String(fault), cure: null, details: {} };
  }
  const { code, details } = fault;
  const { title, cure } = ERROR_CODES[code];
  // A list of problems is told by itself; elsewhere the message stands between the code and the cure.
  const message = "problems" in details ? title : fault.message.slice(`${code}: `.length, -`. ${cure}`.length);
  return { code, message, cure, details };
}
