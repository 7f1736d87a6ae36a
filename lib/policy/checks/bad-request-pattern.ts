import { isDenial } from "../../errors.js";
import { parseTarget } from "../../http/target.js";
import { parsePattern } from "../pattern.js";
import type { Check, Finding } from "./check.js";

export const badRequestPattern: Check = {
  rule: "bad-request-pattern",
  severity: "error",
  *find({ grants, tests = {} }): Generator<Finding> {
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
    for (const [id, { request }] of Object.entries(tests)) {
      if (!isDenial(parseTarget(request.slice(request.indexOf(" ") + 1)))) continue;
      yield {
        at: ["tests", id, "request"],
        message: "the request is refused before any grant is looked at",
        expected: "METHOD /path, without dot segments, encoded slashes and the like",
        found: request,
        cure: "Write a path that can be read in one way only.",
      };
    }
  },
};
