import type { PolicyDocument, Waivers } from "../document.generated.js";
import type { Check, Finding } from "./check.js";

/** Every object of the document that may carry waivers, with its place. */
function* waived(document: PolicyDocument): Generator<readonly [at: readonly string[], Waivers]> {
  const { secrets = {}, certificates = {}, ipPolicies = {}, signingProfiles = {}, callers, routes, grants } = document;
  for (const [section, entries] of Object.entries({ secrets, certificates, ipPolicies, signingProfiles, callers, routes, grants }))
    for (const [id, { waivers = [] }] of Object.entries(entries)) yield [[section, id, "waivers"], waivers];
}

/** A waiver of a rule that nobody may lift, or that does not exist, is one its author relies on in vain. */
export const unknownWaiverRule = (guardrails: readonly Check[]): Check => ({
  rule: "unknown-waiver-rule",
  severity: "error",
  *find(document): Generator<Finding> {
    const waivable = guardrails.map(({ rule }) => rule);
    for (const [at, waivers] of waived(document)) {
      for (const [index, { rule }] of waivers.entries()) {
        if (waivable.includes(rule)) continue;
        yield {
          at: [...at, index, "rule"],
          message: `\`${rule}\` is not a rule that a waiver can lift`,
          expected: `one of ${waivable.join(", ")}`,
          found: rule,
          cure: "Name a guardrail, or remove the waiver and mend the problem itself.",
        };
      }
    }
  },
});
