/**
 * Which addresses a call may be sent to: public ones only, so that no name, however it resolves, leads the door to a
 * metadata service, itself or a private network (SSRF). IPv4 embedded by the well-known NAT64 prefix is judged as IPv4;
 * other embeddings are refused. IANA special-purpose address registries (RFC 6890), RFC 4291, RFC 6052.
 */
import type { Address } from "./address.js";
import { CidrSet, parseCidr } from "./cidr.js";

// biome-ignore format: one block a line
const NOT_PUBLIC = [
  // IANA IPv4 Special-Purpose Address Registry: every block that is not "Globally Reachable: True". A block is refused
  // whole: the anycast services carved out of 192.0.0.0/24 are no API's address.
  "0.0.0.0/8",       // "this network"
  "10.0.0.0/8",      // private use
  "100.64.0.0/10",   // shared address space of carriers; Alibaba Cloud's metadata
  "127.0.0.0/8",     // loopback
  "169.254.0.0/16",  // link local; the metadata of most clouds
  "172.16.0.0/12",   // private use
  "192.0.0.0/24",    // IETF protocol assignments; Oracle Cloud's metadata
  "192.0.2.0/24",    // documentation, TEST-NET-1
  "192.88.99.0/24",  // 6to4 relay anycast, deprecated
  "192.168.0.0/16",  // private use
  "198.18.0.0/15",   // benchmarking
  "198.51.100.0/24", // documentation, TEST-NET-2
  "203.0.113.0/24",  // documentation, TEST-NET-3
  "240.0.0.0/4",     // reserved, and the limited broadcast address

  // IANA IPv4 Multicast Address Space Registry.
  "224.0.0.0/4",

  // Announced to the world, yet answered by the host itself on Azure: its metadata and agent endpoint.
  "168.63.129.16",

  // IANA IPv6 Address Space: all but global unicast, 2000::/3. This holds loopback, unspecified, IPv4-compatible and
  // IPv4-mapped, local NAT64, discard-only, SRv6, unique local, link local, site local and multicast.
  "::/3", "4000::/2", "8000::/1",

  // IANA IPv6 Special-Purpose Address Registry: what lies in 2000::/3 and is not "Globally Reachable: True".
  "2001::/23",       // IETF protocol assignments: Teredo, benchmarking, ORCHID and others
  "2001:db8::/32",   // documentation
  "2002::/16",       // 6to4
  "3fff::/20",       // documentation
];

const notPublic = new CidrSet(NOT_PUBLIC.map((text) => parseCidr(text)!));

const NAT64_PREFIX = 0x64ff9bn << 64n;

/** Whether the address may be the destination of a call: globally reachable unicast, also once NAT64 has unwrapped it. */
export function isPublicAddress(address: Address): boolean {
  return !notPublic.contains(withoutNat64(address));
}

/** `64:ff9b::a00:1` as `10.0.0.1`. */
function withoutNat64(address: Address): Address {
  const embedsIpv4 = address.family === 6 && address.value >> 32n === NAT64_PREFIX;
  return embedsIpv4 ? { family: 4, value: BigInt.asUintN(32, address.value) } : address;
}
