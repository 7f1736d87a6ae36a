/** Requests to AWS, as each of its services takes them. AWS, "Create a signed AWS API request": S3 encodes paths once. */
import type { SigningProfile } from "../profile.js";
import { type Sigv4Options, sigv4Profile } from "../sigv4/sigv4.js";

const LIKE_S3: ReadonlySet<string> = new Set(["s3", "s3express", "s3-object-lambda", "s3-outposts"]);

/**
 * @example
 * const profile = awsProfile({ service: "s3", region: "eu-west-1" });
 * const proof = profile.sign(message, { id: "AKIDEXAMPLE", secret }, { timestampSeconds: 1_440_938_160, nonce: "" });
 *
 * @throws {INPUT_INVALID} when service or region cannot stand in a credential scope
 */
export const awsProfile = (options: Pick<Sigv4Options, "name" | "region" | "service" | "windowSeconds">): SigningProfile =>
  sigv4Profile({ ...options, s3: LIKE_S3.has(options.service) });
