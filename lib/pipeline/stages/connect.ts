/**
 * 10. Where to dial: the target's name is resolved once, every address it has must be public, and the checked address
 * is the one that is dialled. (THREATS 1, 14, 15)
 */
import { type Denial, deny, SallyportError } from "../../errors.js";
import { type Address, formatAddress, parseAddress } from "../../net/address.js";
import { isPublicAddress } from "../../net/special-purpose.js";
import type { Door } from "../door.js";
import type { Destination } from "../upstream.js";
import type { Credentialed } from "./credentials.js";
import type { Routed } from "./route.js";

export interface Connected {
  readonly destination: Destination;
}

export async function connect({ route, clientCertificate }: Routed & Credentialed, door: Door): Promise<Connected | Denial> {
  const { scheme, host, port } = route.origin;
  const addresses = await resolve(host, door);
  const [first] = addresses;
  if (first === undefined) return deny("DNS_FAILED", { host });
  const refused = addresses.find((address) => !isPublicAddress(address) && !door.allowUpstream?.contains(address));
  if (refused !== undefined) return deny("DESTINATION_NOT_PUBLIC", { host, address: formatAddress(refused) });
  return { destination: { scheme, host, port, address: formatAddress(first), clientCertificate } };
}

/** One address that cannot be read makes the whole answer unusable. */
async function resolve(host: string, door: Door): Promise<readonly Address[]> {
  const literal = parseAddress(host);
  if (literal !== undefined) return [literal];
  const texts = await door.resolver.resolve(host).catch((cause: unknown) => {
    throw new SallyportError("DNS_FAILED", { host }, { cause });
  });
  return texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined)
      throw new SallyportError("DNS_FAILED", { host, address: text }, { message: "the resolver gave an address that cannot be read" });
    return address;
  });
}
