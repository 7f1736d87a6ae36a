import { isAuthority } from "../origin.js";
import type { Check, Finding } from "./check.js";

/** `allowedHosts` is where a credential may go: exact names only, for a wildcard trusts whoever can register below it. */
export const wildcardHost: Check = {
  rule: "wildcard-host",
  severity: "error",
  *find({ secrets = {}, certificates = {} }): Generator<Finding> {
    for (const [section, entries] of Object.entries({ secrets, certificates })) {
      for (const [id, { allowedHosts }] of Object.entries(entries)) {
        for (const [index, host] of allowedHosts.entries()) {
          if (isAuthority(host)) continue;
          yield {
            at: [section, id, "allowedHosts", index],
            message: host.includes("*") ? `\`${host}\` is a wildcard` : `\`${host}\` is not a host`,
            expected: "an exact host name, or host:port",
            found: host,
            cure: "List each host that the credential may go to by its full name.",
          };
        }
      }
    }
  },
};
