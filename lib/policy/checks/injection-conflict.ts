import type { Injection } from "../document.generated.js";
import type { Check, Finding } from "./check.js";

/** Where an injection writes: a header or a query parameter, by its equivalent name. */
const placeOf = (injection: Injection): string =>
  injection.kind === "query"
    ? `query parameter ${injection.name.toLowerCase()}`
    : `header ${injection.kind === "header" ? injection.name.replaceAll("_", "-") : "authorization"}`;

/** Headers that carry the message itself, or that the door writes: an injection there would be overwritten or smuggle. */
const RESERVED = new Set(
  [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "x-timestamp",
    "x-nonce",
    "x-key-id",
    "x-signature",
  ].map((name) => `header ${name}`),
);

export const injectionConflict: Check = {
  rule: "injection-conflict",
  severity: "error",
  *find({ routes }): Generator<Finding> {
    for (const [id, { inject = [] }] of Object.entries(routes)) {
      const taken = new Set<string>();
      for (const [index, injection] of inject.entries()) {
        const place = placeOf(injection);
        const problem = RESERVED.has(place) ? "is reserved" : taken.has(place) ? "is written twice" : undefined;
        taken.add(place);
        if (problem !== undefined)
          yield {
            at: ["routes", id, "inject", index],
            message: `the ${place} ${problem}`,
            cure: "Inject each credential at a place of its own.",
          };
      }
    }
  },
};
