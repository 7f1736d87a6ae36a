import { parseOrigin } from "../origin.js";
import type { Check, Finding } from "./check.js";

export const badTarget: Check = {
  rule: "bad-target",
  severity: "error",
  *find({ routes }): Generator<Finding> {
    for (const [id, { target }] of Object.entries(routes)) {
      if (parseOrigin(target) !== undefined) continue;
      yield {
        at: ["routes", id, "target"],
        message: "the target is not an origin in canonical form",
        expected: "https://host[:port][/base/path], the host in lower case, no trailing dot, no encoded or dot segments",
        found: target,
        cure: "Write scheme, host name in lower case, and where needed a port and a base path.",
      };
    }
  },
};
