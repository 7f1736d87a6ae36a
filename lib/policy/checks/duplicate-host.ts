import { isHostName } from "../origin.js";
import type { Check, Finding } from "./check.js";

/** A host that names two routes would mean whichever stands last, and one that no request can carry means none. */
export const duplicateHost: Check = {
  rule: "duplicate-host",
  severity: "error",
  *find({ routes }): Generator<Finding> {
    const first = new Map<string, string>();
    for (const [id, { hosts = [] }] of Object.entries(routes)) {
      for (const [index, host] of hosts.entries()) {
        const other = first.get(host);
        if (other === undefined) first.set(host, id);
        if (other === undefined && isHostName(host)) continue;
        yield {
          at: ["routes", id, "hosts", index],
          message: other === undefined ? `\`${host}\` is not a host name` : `\`${host}\` already names the route \`${other}\``,
          expected: "a host name that names one route",
          found: host,
          cure: "Give each route a host name of its own.",
        };
      }
    }
  },
};
