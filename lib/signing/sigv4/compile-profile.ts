/** Makes compiled rules a signing profile. */
import { invalidInput } from "../invalid-input.js";
import type { SigningProfile } from "../profile.js";
import type { Sigv4Algorithm } from "./algorithm.js";
import { type CommonOptions, compileRules, type Sigv4Key } from "./rules.js";
import { signed } from "./sign.js";
import { malformedMessage } from "./signable.js";
import { verified } from "./verify.js";

/** @param kind the default name */
export function compileProfile(algorithm: Sigv4Algorithm, kind: string, options: CommonOptions): SigningProfile {
  const rules = compileRules(algorithm, kind, options);
  return {
    ...(rules.form === "query" && { proofIn: rules.form }),
    sign(message, key: Sigv4Key, at) {
      const malformed = malformedMessage(message);
      if (malformed) throw invalidInput(malformed.details);
      return signed(rules, message, key, at.timestampSeconds).proof;
    },
    verify: (message, keyFor, now) => malformedMessage(message) ?? verified(rules, message, keyFor, now),
  };
}
