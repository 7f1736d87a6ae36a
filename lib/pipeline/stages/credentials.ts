/**
 * 8. The credentials of the route, one version of each for the whole call. Checked again at run time: each may go to
 * this host, and is long enough to be told apart in a response. (THREATS 1, 3; faults 1, 2)
 */
import { isUtf8 } from "node:buffer";
import { type Denial, deny } from "../../errors.js";
import { isAllowedHost } from "../../policy/origin.js";
import type { ResolvedSecret } from "../../ports.js";
import type { Door } from "../door.js";
import { signingKeyOf } from "../signing-key.js";
import type { ClientCertificate } from "../upstream.js";
import type { Bounded } from "./bound.js";
import type { Routed } from "./route.js";

export interface Credentialed {
  /** By the policy's name. */
  readonly credentials: ReadonlyMap<string, ResolvedSecret>;
  readonly clientCertificate: ClientCertificate | undefined;
}

const MIN_INJECTED_BYTES = 12;
const NONE: ReadonlyMap<string, ResolvedSecret> = new Map();

export async function credentials(known: Bounded & Routed, door: Door): Promise<Credentialed | Denial> {
  const { policy, route } = known;
  const { secrets = {}, certificates = {} } = policy.document;
  const injected = route.inject.map(({ secret }) => secret);
  const signingKey = signingKeyOf(known);
  const key = signingKey === undefined ? [] : [signingKey.secret];
  const certificate = route.clientCertificate === undefined ? [] : [route.clientCertificate];
  const names = [...injected, ...key, ...certificate];
  if (names.length === 0) return { credentials: NONE, clientCertificate: undefined };

  const resolved = new Map<string, ResolvedSecret>();
  for (const name of names) {
    const entry = secrets[name] ?? certificates[name];
    if (entry === undefined || !isAllowedHost(entry.allowedHosts, route.origin))
      return deny("DENIED", { secret: name, host: route.origin.authority });
    const secret = resolved.get(name) ?? (await door.secrets.get(name));
    if (secret === undefined) return deny("SECRET_MISSING", { secret: name });
    const minBytes = injected.includes(name) ? MIN_INJECTED_BYTES : 1;
    if (secret.value.byteLength < minBytes) return deny("SECRET_TOO_SHORT", { secret: name, minBytes });
    if (injected.includes(name) && !isUtf8(secret.value.revealBytes())) return deny("SECRET_UNUSABLE", { secret: name });
    resolved.set(name, secret);
  }
  const [client] = certificate.map(
    (name): ClientCertificate => ({ name, version: resolved.get(name)!.version, pem: resolved.get(name)!.value }),
  );
  return { credentials: resolved, clientCertificate: client };
}
