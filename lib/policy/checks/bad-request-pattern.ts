import { parsePattern } from "../pattern.js";
import type { Check, Finding } from "./check.js";

export const badRequestPattern: Check = {
  rule: "bad-request-pattern",
  severity: "error",
  *find({ grants }): Generator<Finding> {
    for (const [id, { requests }] of Object.entries(grants)) {
      for (const [index, text] of requests.entries()) {
        const pattern = parsePattern(text);
        if (typeof pattern !== "string") continue;
        yield {
          at: ["grants", id, "requests", index],
          message: `the request pattern cannot be used: ${pattern}`,
          expected: "METHOD /segments, with {name} for one whole segment and ** only as the last",
          found: text,
          cure: "Rewrite the pattern, such as `GET /v1/charges/{id}` or `GET /v1/**`.",
        };
      }
    }
  },
};
