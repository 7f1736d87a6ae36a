/**
 * 4. Who calls: a strict HMAC signature, a token whose SHA-256 the policy holds, or a role that the platform vouches for.
 * Algorithm and key come from the policy, never from the message; what is unknown takes as long as what is known.
 * (THREATS 16, 18, 25, 28)
 */
import { hash } from "node:crypto";
import { type Denial, deny, isDenial } from "../../errors.js";
import { DUPLICATE, type HeaderList, singleHeader } from "../../http/headers.js";
import type { Door } from "../door.js";
import type { IncomingMessage, PlatformIdentity } from "../message.js";
import { STRANGER } from "../profiles.js";
import type { Bounded } from "./bound.js";
import type { Parsed } from "./parse.js";
import type { Routed } from "./route.js";

export interface Proof {
  readonly kind: "hmac" | "bearer-token" | "iam-role";
  /** What may be used once, and until when; undefined for a proof that may be used again. */
  readonly once: { readonly claim: string; readonly expiresAtMs: number } | undefined;
  /** Name of the secret that it was made with. */
  readonly secret?: string | undefined;
}

export interface Authenticated {
  /** Name of the caller in the policy. */
  readonly caller: string;
  readonly proof: Proof;
  /** The person behind the caller, where the policy trusts the name of a session. */
  readonly person?: string | undefined;
}

type Known = IncomingMessage & Bounded & Parsed & Routed;

/** Headers that carry a caller's proof, in the form of `equivalentName`; none of them goes on. */
export const PROOF_HEADERS = ["authorization", "proxy-authorization", "x-signature", "x-timestamp", "x-nonce", "x-key-id"] as const;

export function authenticate(known: Known, door: Door): Authenticated | Denial | Promise<Authenticated | Denial> {
  if (known.platformIdentity !== undefined) return byPlatform(known.platformIdentity, known);
  if (singleHeader(known.headers, "x-signature") !== undefined) return bySignature(known, door);
  const token = bearerToken(known.headers);
  if (token === undefined) return deny("PROOF_MISSING");
  if (token === DUPLICATE) return deny("PROOF_MALFORMED", { header: "authorization" });
  const caller = known.policy.callers.get(`bearer-token ${hash("sha256", token, "hex")}`);
  return caller === undefined
    ? deny("CALLER_UNKNOWN", { kind: "bearer-token" })
    : { caller, proof: { kind: "bearer-token", once: undefined } };
}

/** A second proof would be a second answer to who calls: it is refused, not ignored. */
function byPlatform({ account, roleName, sessionName }: PlatformIdentity, { headers, policy }: Known): Authenticated | Denial {
  const second = ["x-signature", "sallyport-authorization"].find((name) => singleHeader(headers, name) !== undefined);
  if (second !== undefined) return deny("PROOF_MALFORMED", { what: "a second proof beside the platform's", header: second });
  const caller = policy.callers.get(`iam-role ${account} ${roleName}`);
  if (caller === undefined) return deny("CALLER_UNKNOWN", { kind: "iam-role", account, roleName });
  const identity = policy.document.callers[caller];
  const isPerson = identity?.kind === "iam-role" && identity.person === "session-name";
  return { caller, proof: { kind: "iam-role", once: undefined }, person: isPerson ? sessionName : undefined };
}

async function bySignature(
  { method, authority, target, headers, body, policy, profiles, now }: Known,
  door: Door,
): Promise<Authenticated | Denial> {
  const sha256Hex = await body.digest(door.bodyBudget);
  if (typeof sha256Hex !== "string") return sha256Hex;

  const keyId = singleHeader(headers, "x-key-id");
  const caller = typeof keyId === "string" ? policy.callers.get(`hmac ${keyId}`) : undefined;
  const inbound = caller === undefined ? undefined : profiles.inbound.get(caller);
  const found = inbound?.keys.verifyingKey(caller!, keyId as string, now);
  const key = found === undefined || isDenial(found) ? undefined : found;
  const secret = key === undefined ? undefined : await door.secrets.get(key.secret);

  const noValue = key !== undefined && secret === undefined ? deny("SECRET_MISSING", { secret: key.secret }) : undefined;
  const keyRefused = found !== undefined && isDenial(found) ? found : noValue;

  const profile = inbound?.profile ?? STRANGER;
  const verified = profile.verify({ method, authority, target, headers, body: { sha256Hex } }, () => secret?.value, now);
  // A key that is known and refused took as long as one that is not known; only the audit tells them apart.
  if (isDenial(verified)) return verified.denied === "CALLER_UNKNOWN" ? (keyRefused ?? verified) : verified;
  return { caller: caller!, proof: { kind: "hmac", once: verified, secret: key!.secret } };
}

/** Read from `Sallyport-Authorization`, else from `Authorization`. */
function bearerToken(headers: HeaderList): string | undefined | typeof DUPLICATE {
  const value = singleHeader(headers, "sallyport-authorization") ?? singleHeader(headers, "authorization");
  return typeof value === "string" ? /^Bearer ([!-~]{1,4096})$/i.exec(value)?.[1] : value;
}
