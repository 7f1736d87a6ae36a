/**
 * AWS Signature Version 4: HMAC-SHA256 under a key derived for one day, region and service. For calls out to AWS and what
 * speaks its protocol, and for callers whose tools sign so. Source: AWS, "Signature Version 4 for API requests".
 */
import type { SigningProfile } from "../profile.js";
import { hmacAlgorithm } from "./algorithm.js";
import { compileProfile } from "./compile-profile.js";
import { type CommonOptions, checkScopePart } from "./rules.js";

export interface Sigv4Options extends CommonOptions {
  /** The region of the credential scope, e.g. `eu-west-1`. */
  readonly region: string;
}

/**
 * Compiles a profile. It derives a key once a secret and day, and forgets it with the secret. Verifying demands that host,
 * content-type and every x-amz- header of the message are covered, and that the path is its own normal form. A session token
 * is covered and not judged: whoever hands out temporary keys returns no secret for one that has ended.
 *
 * @example
 * const profile = sigv4Profile({ service: "execute-api", region: "eu-west-1" });
 * const key = { id: "AKIDEXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
 * const message = { method: "POST", authority: "example.amazonaws.com", target: "/", headers: [], body: Buffer.from("hello") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "" });
 * const verified = profile.verify(withProof(message, profile, proof), () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when an option is out of its range
 */
export function sigv4Profile({ region, ...options }: Sigv4Options): SigningProfile {
  checkScopePart("region", region);
  checkScopePart("service", options.service);
  return compileProfile(hmacAlgorithm(region, options.service), "sigv4", options);
}
