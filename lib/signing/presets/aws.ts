/** Requests to AWS, as each of its services takes them. AWS, "Create a signed AWS API request": S3 encodes paths once. */
import type { SigningProfile } from "../profile.js";
import { type Sigv4Options, sigv4Profile } from "../sigv4/sigv4.js";

const LIKE_S3: ReadonlySet<string> = new Set(["s3", "s3express", "s3-object-lambda", "s3-outposts"]);

/**
 * @example
 * const profile = awsProfile({ service: "s3", region: "eu-west-1" });
 * const key = { id: "AKIDEXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
 * const message = { method: "POST", authority: "example.amazonaws.com", target: "/", headers: [], body: Buffer.from("hello") };
 * const proof = profile.sign(message, key, { timestampSeconds: 1_700_000_000, nonce: "" });
 * const verified = profile.verify(withProof(message, profile, proof), () => key.secret, 1_700_000_000_000);
 *
 * @throws {INPUT_INVALID} when service or region cannot stand in a credential scope
 */
export const awsProfile = (options: Pick<Sigv4Options, "name" | "region" | "service" | "windowSeconds">): SigningProfile =>
  sigv4Profile({ ...options, s3: LIKE_S3.has(options.service) });
