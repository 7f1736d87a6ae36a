/** Whether the caller or a credential of the call was taken back since the policy was made. Not knowing denies. (THREATS 20) */
import { type Denial, deny } from "../errors.js";
import type { Revocations } from "../ports.js";
import { signingKeyOf } from "./signing-key.js";
import type { Authenticated } from "./stages/authenticate.js";
import type { Bounded } from "./stages/bound.js";
import type { Routed } from "./stages/route.js";

export async function revocation(known: Bounded & Routed & Authenticated, revocations: Revocations): Promise<Denial | undefined> {
  const revoked = await revocations.revoked(namesOf(known));
  return revoked.length > 0 ? deny("REVOKED", { revoked }) : undefined;
}

function namesOf(known: Bounded & Routed & Authenticated): string[] {
  const { caller, proof, route } = known;
  const secrets = [...route.inject.map(({ secret }) => secret), proof.secret, signingKeyOf(known)?.secret].filter(
    (name) => name !== undefined,
  );
  const names = [`callers/${caller}`, ...secrets.map((name) => `secrets/${name}`)];
  return route.clientCertificate === undefined ? names : [...names, `certificates/${route.clientCertificate}`];
}
