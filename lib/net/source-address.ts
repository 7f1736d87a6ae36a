/**
 * The address of a caller as IP policies judge it. An IPv4 address inside an IPv6 one is judged as IPv4 where it surely
 * is one (mapped, NAT64); an address that only claims to hold one (compatible, 6to4, Teredo) is not known. (THREATS 14)
 */
import { type Address, parseAddress } from "./address.js";
import { CidrSet, parseCidr } from "./cidr.js";

const network = (text: string): CidrSet => new CidrSet([parseCidr(text)!]);

const NAT64 = network("64:ff9b::/96");
const COMPATIBLE = network("::/96");
const LOCAL = new CidrSet([parseCidr("::/128")!, parseCidr("::1/128")!]);
const TUNNELLED = new CidrSet([parseCidr("2002::/16")!, parseCidr("2001::/32")!, parseCidr("64:ff9b:1::/48")!]);
const LOW_32_BITS = 0xffff_ffffn;

/** @returns undefined when the text is no address, or one whose holder is not known: it fails every condition */
export function parseSourceAddress(text: string): Address | undefined {
  const address = parseAddress(text);
  if (address === undefined || address.family === 4) return address;
  if (NAT64.contains(address)) return { family: 4, value: address.value & LOW_32_BITS };
  const isUnclear = TUNNELLED.contains(address) || (COMPATIBLE.contains(address) && !LOCAL.contains(address));
  return isUnclear ? undefined : address;
}
