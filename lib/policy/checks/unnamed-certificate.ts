import type { Check, Finding } from "./check.js";

/** A client certificate proves a caller by what is named in it; by its authority alone, everyone it ever signed would be the caller. */
export const unnamedCertificate: Check = {
  rule: "unnamed-certificate",
  severity: "error",
  *find({ callers }): Generator<Finding> {
    for (const [id, caller] of Object.entries(callers)) {
      if (caller.kind !== "client-certificate") continue;
      if ((caller.sanUri ?? caller.sanDns ?? caller.subject ?? caller.sha256) !== undefined) continue;
      yield {
        at: ["callers", id],
        message: "any certificate of the authority would be this caller",
        expected: "sanUri, sanDns, subject or sha256",
        found: "none of them",
        cure: "Name the certificate by `sanUri`, `sanDns`, `subject` or `sha256`.",
      };
    }
  },
};
