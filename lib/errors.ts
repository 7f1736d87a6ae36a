/**
 * Every way Sallyport says no, as one table: the HTTP status, whether the code itself may be shown to a caller that is
 * not yet authorized, what happened, and the cure an operator reads at night. A denial carries one of these codes as a
 * value; a fault carries one as a thrown {@link SallyportError}; both end the call.
 */

interface CodeEntry {
  /** HTTP status of the answer. 0: the code never answers a request (policy, command line, synthesis). */
  readonly status: number;
  /** Whether a caller that is not authorized yet may see the code. Sizes, syntax and overload: yes. The rest: `DENIED`. */
  readonly open: boolean;
  readonly title: string;
  readonly cure: string;
}

const row = (status: number, open: boolean, title: string, cure: string): CodeEntry => ({ status, open, title, cure });

// biome-ignore format: one row a code
export const ERROR_CODES = {
  // The request itself.
  REQUEST_MALFORMED: row(400, true, "the request is not well-formed HTTP", "Send one Host header, an origin-form target and valid header syntax."),
  TARGET_AMBIGUOUS: row(400, true, "the request target can be read in more than one way", "Remove dot segments, encoded slashes, backslashes, semicolons, control characters and double encoding from the path."),
  HOST_UNKNOWN: row(400, true, "the Host header does not name this door", "Call the door by its own address, or list the name under the route's `hosts`."),
  BODY_TOO_LARGE: row(413, true, "the request body is larger than the limit", "Send a smaller body, or raise `limits.maxBodyBytes`."),
  HEADERS_TOO_LARGE: row(431, true, "the request headers are larger than the limit", "Send fewer or shorter headers."),
  REQUEST_TIMEOUT: row(408, true, "the request did not arrive in time", "Send the whole request within `limits.requestSeconds`."),
  UPGRADE_REFUSED: row(400, true, "protocol upgrades are refused", "Use plain HTTP requests; WebSocket and other upgrades do not pass this door."),
  OVERLOADED: row(503, true, "the door is at its limit", "Retry after a moment; raise the byte budget or the number of instances if it lasts."),

  // Who asks, and what for. Shown to the caller as DENIED.
  DENIED: row(403, true, "denied", "Ask the operator; the audit holds the reason under the request id."),
  ROUTE_UNKNOWN: row(403, false, "no route has this name", "Use /{route}/… with the name of a route of the policy."),
  PROOF_MISSING: row(403, false, "the request carries no proof of its caller", "Sign the request, or carry the caller's token in Sallyport-Authorization."),
  PROOF_MALFORMED: row(403, false, "the caller's proof cannot be parsed", "Check the signature headers against the profile; each must stand exactly once."),
  CALLER_UNKNOWN: row(403, false, "the proof names no caller of the policy", "Check the key id or token; add the caller to the policy."),
  SIGNATURE_INVALID: row(403, false, "the signature does not match the request", "Sign the exact method, authority, target, content type and body that are sent, with the current key."),
  TIMESTAMP_OUTSIDE_WINDOW: row(403, false, "the signed timestamp is outside the window", "Correct the caller's clock; sign right before sending."),
  SOURCE_NOT_ALLOWED: row(403, false, "the source address is outside the route's IP policy", "Call from an allowed network, or widen the IP policy."),
  NOT_GRANTED: row(403, false, "no grant allows this request", "Add a grant for this caller, route, method and path."),
  DENIED_BY_RULE: row(403, false, "a deny rule matches", "Change the deny rule, or the request."),
  CONDITION_NOT_MET: row(403, false, "a grant matches the request but its conditions do not hold", "Meet the condition named in the audit, or change the grant."),
  REVOKED: row(403, false, "the caller or credential is revoked", "Issue a new key, or lift the revocation."),
  REVOCATIONS_UNKNOWN: row(503, false, "what is revoked cannot be read", "Check the table and the signer's permission to read it; calls resume by themselves."),
  INVOKER_UNKNOWN: row(403, false, "the function was not invoked by an entrance of this door", "Call the door's own address. If nobody of yours tried, find out who may invoke the function."),

  // After authorization.
  REPLAYED: row(409, false, "this signed request was used before", "Sign again with a new nonce."),
  COMMIT_FULL: row(503, false, "the claim store is full", "Wait for claims to expire, or raise the store's limit; claims are never evicted early."),
  COMMIT_UNAVAILABLE: row(503, false, "the claim could not be written", "Check the store's disk, permissions and health; calls resume by themselves."),
  AUDIT_UNAVAILABLE: row(503, false, "the audit could not be written", "Free space or repair the audit sink; calls resume by themselves."),
  SECRET_MISSING: row(503, false, "a secret of the route has no value", "Store it: `sallyport secrets set NAME`."),
  SECRET_UNAVAILABLE: row(503, false, "the secret store does not answer", "Check the store; calls resume by themselves."),
  SECRET_TOO_SHORT: row(503, false, "the secret is too short to be told apart in a response", "Use an injected secret of at least 12 bytes; a signing key must not be empty."),
  SECRET_UNUSABLE: row(503, false, "the secret cannot be used as the policy says", "Store an injected value without line breaks or other bytes that a header cannot hold; a signing key in the form that its profile asks for."),
  CERTIFICATE_UNUSABLE: row(502, false, "the client certificate cannot be used", "Store a PEM certificate and its private key that match and have not expired."),
  DNS_FAILED: row(502, false, "the upstream's name does not resolve", "Check the target's host name and the resolver."),
  DESTINATION_NOT_PUBLIC: row(502, false, "the upstream resolves to an address that is not public", "Use a public target; on a laptop start with `--allow-upstream-cidr`."),
  UPSTREAM_UNREACHABLE: row(502, false, "the upstream cannot be reached", "Check that it is up and that egress to it is open."),
  UPSTREAM_TLS: row(502, false, "the upstream's TLS identity cannot be verified", "Renew or trust the upstream's certificate; there is no insecure switch."),
  UPSTREAM_RESET: row(502, false, "the upstream broke off", "Look at the upstream; the call may have taken effect there."),
  UPSTREAM_TIMEOUT: row(504, false, "the upstream did not answer in time", "Look at the upstream, or raise the route's deadline."),
  RESPONSE_UNSCRUBBABLE: row(502, false, "the response cannot be searched for the credential", "Have the upstream answer with identity, gzip, deflate or brotli encoding within the size bounds."),
  PLATFORM_TIMEOUT: row(504, false, "the answer was not there within API Gateway's limit of 29 seconds", "Look at the upstream; let slow work run in the background there."),
  RESPONSE_OVER_PLATFORM_LIMIT: row(502, false, "the response is larger than Lambda's limit of 6 MB (4.5 MB when it is not text)", "Ask the upstream for less at a time, or serve the route from the local gateway."),
  INTERNAL: row(500, false, "an unexpected fault", "Report it with the request id; the call was denied."),

  // Policy, command line, synthesis.
  POLICY_SYNTAX: row(0, true, "the policy text cannot be read", "Mend the YAML or JSON at the position shown."),
  POLICY_INVALID: row(0, true, "the policy is not valid", "Mend each problem listed."),
  POLICY_UNSUPPORTED: row(0, true, "the policy has a part that this version cannot enforce", "Remove the part, or run a version that enforces it; it is never ignored."),
  POLICY_GUARDRAIL: row(0, true, "the policy breaks a guardrail", "Follow the cure, or add a waiver with a reason and an expiry."),
  POLICY_TEST_FAILED: row(0, true, "a test of the policy fails", "Change the policy or the test."),
  INPUT_INVALID: row(0, true, "the input is not valid", "Correct the argument or file named."),
  STORE_UNUSABLE: row(0, true, "a local store cannot be opened", "Check the path, its owner and its mode (0600)."),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Structured facts for the operator. Never a secret value. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** A refusal as a value: what a stage returns when it says no. */
export interface Denial {
  readonly denied: ErrorCode;
  readonly details: ErrorDetails;
}

export const deny = (denied: ErrorCode, details: ErrorDetails = {}): Denial => ({ denied, details });

export const isDenial = (value: object): value is Denial => "denied" in value;

/** A fault: thrown, and every fault denies. `message` is for the operator; `publicMessage` is all a caller may read. */
export class SallyportError extends Error {
  override readonly name = "SallyportError";
  readonly status: number;
  readonly publicMessage: string;

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    options?: { message?: string; cause?: unknown },
  ) {
    const { title, cure, status } = ERROR_CODES[code];
    super(`${code}: ${options?.message ?? title}. ${cure}`, options?.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.publicMessage = title;
  }
}
