import type { PolicyDocument } from "../document.generated.js";
import { keysOf } from "../signing-keys.js";
import type { Check, Finding } from "./check.js";

/** Every entry that has keys, with whether the door signs with them or verifies. */
function* keyed({ signingProfiles = {}, callers }: PolicyDocument) {
  for (const [id, profile] of Object.entries(signingProfiles)) yield { at: ["signingProfiles", id], entry: profile, signs: true };
  for (const [id, caller] of Object.entries(callers))
    if (caller.kind === "hmac") yield { at: ["callers", id], entry: caller, signs: false };
}

/** A caller or profile whose keys are told twice, not at all, or such that it can never verify or sign. */
export const signingKeys: Check = {
  rule: "signing-keys",
  severity: "error",
  *find(document): Generator<Finding> {
    for (const { at, entry, signs } of keyed(document)) {
      const keys = keysOf(at[1]!, entry);
      const { key, keyId, keys: several } = entry;
      if ((key === undefined) === (several === undefined) || (several !== undefined && keyId !== undefined)) {
        yield {
          at,
          message: "the keys are not told in one way",
          expected: "`key`, with or without `keyId`; or `keys`",
          found:
            Object.keys({ key, keyId, keys: several })
              .filter((field) => field in entry)
              .join(" and ") || "none of them",
          cure: "Give one key by `key`, or several by `keys`.",
        };
      } else if (!keys.some(({ state = "active" }) => state === "active" || (!signs && state === "verify-only"))) {
        const cure = signs ? "Keep one key whose state is `active`." : "Keep one key that is not `revoked`, or remove the caller.";
        yield { at: [...at, "keys"], message: `no key can ever ${signs ? "sign" : "verify"}`, cure };
      }
      for (const { keyId: id, notBefore, notAfter } of keys) {
        if (notBefore === undefined || notAfter === undefined || Date.parse(notBefore) < Date.parse(notAfter)) continue;
        yield {
          at: [...at, "keys", id, "notAfter"],
          message: "the key's time ends before it begins",
          expected: `a time after ${notBefore}`,
          found: notAfter,
          cure: "Let `notAfter` be later than `notBefore`.",
        };
      }
    }
  },
};
