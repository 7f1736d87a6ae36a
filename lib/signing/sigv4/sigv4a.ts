/**
 * AWS Signature Version 4A: ECDSA over P-256 with a key derived from the secret, good in a set of regions that is signed
 * along. For multi-region endpoints. Source: AWS, "SigV4 and SigV4A".
 */
import { invalidInput } from "../invalid-input.js";
import type { SigningProfile } from "../profile.js";
import { ecdsaAlgorithm } from "./algorithm.js";
import { compileProfile } from "./compile-profile.js";
import { type CommonOptions, checkScopePart } from "./rules.js";

export interface Sigv4aOptions extends CommonOptions {
  /** What X-Amz-Region-Set holds, letter for letter: `*`, or regions like `eu-west-1,us-*`. */
  readonly regionSet: string;
}

const REGION_SET = /^[a-z0-9*-]+(?:,[a-z0-9*-]+)*$/;

/**
 * Compiles a profile. It takes the body signed or unsigned, not in chunks. An ECDSA signature of a request is another each
 * time; its claim is not.
 *
 * @example
 * const profile = sigv4aProfile({ service: "s3", regionSet: "*", s3: true });
 * const key = { id: "AKIDEXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
 * const message = { method: "POST", authority: "example.amazonaws.com", target: "/", headers: [], body: Buffer.from("hello") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "" });
 * const verified = profile.verify(withProof(message, profile, proof), () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when an option is out of its range
 */
export function sigv4aProfile({ regionSet, ...options }: Sigv4aOptions): SigningProfile {
  if (!(regionSet.length <= 512 && REGION_SET.test(regionSet))) {
    throw invalidInput({ part: "regionSet", expected: "* or regions joined by commas, at most 512 characters", found: regionSet });
  }
  checkScopePart("service", options.service);
  return compileProfile(ecdsaAlgorithm(regionSet, options.service), "sigv4a", options);
}
