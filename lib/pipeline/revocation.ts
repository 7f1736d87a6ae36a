/** Whether the caller or a credential of the call was taken back since the policy was made. Not knowing denies. (THREATS 20) */
import { type Denial, deny } from "../errors.js";
import type { Revocations } from "../ports.js";
import type { Authenticated } from "./stages/authenticate.js";
import type { Bounded } from "./stages/bound.js";
import type { Routed } from "./stages/route.js";

export async function revocation(known: Bounded & Routed & Authenticated, revocations: Revocations): Promise<Denial | undefined> {
  const revoked = await revocations.revoked(namesOf(known));
  return revoked.length > 0 ? deny("REVOKED", { revoked }) : undefined;
}

function namesOf({ caller, policy, profiles, route }: Bounded & Routed & Authenticated): string[] {
  const identity = policy.document.callers[caller];
  const secrets = route.inject.map(({ secret }) => secret);
  if (identity?.kind === "hmac") secrets.push(identity.key);
  if (route.sign !== undefined) secrets.push(profiles.outbound.get(route.sign)!.secret);
  const names = [`callers/${caller}`, ...secrets.map((name) => `secrets/${name}`)];
  return route.clientCertificate === undefined ? names : [...names, `certificates/${route.clientCertificate}`];
}
