import { equivalentName, isDropped } from "../../http/headers.js";
import type { Injection } from "../document.generated.js";
import { signatureHeaders } from "../signature-headers.js";
import type { Check, Finding } from "./check.js";

interface Place {
  readonly carrier: "header" | "query parameter";
  /** Such that names which some server takes for the same are equal. */
  readonly name: string;
}

const placeOf = (injection: Injection): Place =>
  injection.kind === "query"
    ? { carrier: "query parameter", name: injection.name.toLowerCase() }
    : { carrier: "header", name: injection.kind === "header" ? equivalentName(injection.name) : "authorization" };

/** Beside what no caller may send: headers that say what the body is or which part of it to send, or that sign for a caller. */
const RESERVED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-encoding",
  "content-length",
  "content-type",
  "range",
  "if-range",
  "x-timestamp",
  "x-nonce",
  "x-key-id",
  "x-signature",
]);

/** A header that is not an injection's to write would be overwritten, or would smuggle. */
const isReserved = ({ carrier, name }: Place): boolean => carrier === "header" && (isDropped(name) || RESERVED.has(name));

export const injectionConflict: Check = {
  rule: "injection-conflict",
  severity: "error",
  *find({ routes, signingProfiles = {} }): Generator<Finding> {
    for (const [id, { inject = [], sign = "" }] of Object.entries(routes)) {
      const profile = Object.hasOwn(signingProfiles, sign) ? signingProfiles[sign] : undefined;
      const taken = new Set(profile && signatureHeaders(profile).map((name) => `header ${name}`));
      for (const [index, injection] of inject.entries()) {
        const { carrier, name } = placeOf(injection);
        const place = `${carrier} ${name}`;
        const problem = isReserved({ carrier, name }) ? "is reserved" : taken.has(place) ? "is written twice" : undefined;
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
