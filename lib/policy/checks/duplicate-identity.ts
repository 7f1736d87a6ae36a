import type { Caller } from "../document.generated.js";
import { keysOf } from "../signing-keys.js";
import type { Check, Finding } from "./check.js";

/** What proves each kind of caller: two callers with one identity could not be told apart. */
function identitiesOf(id: string, caller: Caller): string[] {
  const { waivers: _, ...rest } = caller;
  if (rest.kind === "hmac") return keysOf(id, rest).map(({ keyId }) => `hmac ${keyId}`);
  if (rest.kind === "iam-role") return [`iam-role ${rest.account} ${rest.roleName}`];
  return [JSON.stringify(Object.entries(rest).sort())];
}

export const duplicateIdentity: Check = {
  rule: "duplicate-identity",
  severity: "error",
  *find({ callers }): Generator<Finding> {
    const first = new Map<string, string>();
    for (const [id, caller] of Object.entries(callers)) {
      const identities = identitiesOf(id, caller);
      const other = identities.map((identity) => first.get(identity)).find((known) => known !== undefined);
      for (const identity of identities) first.set(identity, id);
      if (other !== undefined)
        yield {
          at: ["callers", id],
          message: `has the same identity as the caller \`${other}\``,
          cure: "Keep one of the two, or give each an identity of its own.",
        };
    }
  },
};
