import type { PolicyDocument } from "../document.generated.js";
import type { Check, Finding } from "./check.js";

/** Parts that the schema has and no adapter enforces yet, as pointers with `*` for any entry. */
const NOT_ENFORCED = [
  "/grants/*/justInTime",
  "/grants/*/when/risk",
  "/grants/*/when/times",
  "/grants/*/when/claims",
  "/grants/*/when/device",
  "/grants/*/when/dataClasses",
  "/grants/*/when/query",
  "/grants/*/when/body",
  "/ipPolicies/*/countries",
  "/routes/*/retry",
  "/routes/*/dataClass",
].map((pattern) => pattern.slice(1).split("/"));

/** Warned of here; gateway and Lambda refuse to load such a document (POLICY_UNSUPPORTED). Never ignored. */
export const notEnforced: Check = {
  rule: "not-enforced",
  severity: "warning",
  *find(document: PolicyDocument): Generator<Finding> {
    for (const pattern of NOT_ENFORCED) {
      for (const at of places(document, pattern)) {
        const part = `\`${pattern.at(-1)}\``;
        yield {
          at,
          message: `${part} is not enforced by this version`,
          cure: `Gateway and Lambda will not load this policy; remove ${part} to run it.`,
        };
      }
    }
  },
};

function* places(node: unknown, [segment, ...rest]: readonly string[], at: readonly string[] = []): Generator<readonly string[]> {
  if (segment === undefined) yield at;
  else if (typeof node === "object" && node !== null) {
    for (const key of segment === "*" ? Object.keys(node) : Object.hasOwn(node, segment) ? [segment] : []) {
      yield* places((node as Record<string, unknown>)[key], rest, [...at, key]);
    }
  }
}
