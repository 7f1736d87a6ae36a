/**
 * An IP address as a number. One strict spelling is read for each address, so that octal, hex, integer and short forms,
 * zone ids and IPv4 hidden in IPv4-mapped IPv6 cannot mean one host to the policy and another to the socket.
 * RFC 4291 section 2.2 (text of IPv6), RFC 5952 (its canonical text).
 */

export interface Address {
  readonly family: 4 | 6;
  /** The address as an unsigned integer of 32 or 128 bits. */
  readonly value: bigint;
}

/** Bits of an address of each family. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

const IPV4_MAPPED_PREFIX = 0xffffn;
const MAX_IPV6_LENGTH = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;
const IPV6_GROUP = /^[0-9a-f]{1,4}$/i;

/**
 * Reads dotted decimal IPv4 or RFC 4291 IPv6. An IPv4-mapped address (`::ffff:a.b.c.d`) is an IPv4 address.
 * @returns undefined for anything else: leading zeros, octal, hex, short forms, zone ids, brackets, ports, white space
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(":")) {
    const value = ipv4Number(text);
    return value === undefined ? undefined : { family: 4, value: BigInt(value) };
  }
  const value = ipv6Value(text);
  if (value === undefined) return undefined;
  return value >> 32n === IPV4_MAPPED_PREFIX ? { family: 4, value: BigInt.asUintN(32, value) } : { family: 6, value };
}

/** The canonical text: dotted decimal, or RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) {
    const bits = Number(value);
    return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
  }
  const groups = Array.from({ length: 8 }, (_, index) => BigInt.asUintN(16, value >> BigInt(112 - 16 * index)).toString(16));
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.join(":");
  return `${groups.slice(0, zeros.start).join(":")}::${groups.slice(zeros.start + zeros.length).join(":")}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

/** One pass and no allocation: it runs for every request. */
function ipv4Number(text: string): number | undefined {
  let value = 0;
  let dots = 0;
  let octet = -1; // -1: no digit yet
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const digit = code - 48;
    if (code === 46 && octet >= 0) {
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else if (digit >= 0 && digit <= 9 && octet !== 0) {
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

function ipv6Value(text: string): bigint | undefined {
  if (text.length > MAX_IPV6_LENGTH) return undefined;
  const hex = withoutDottedTail(text);
  if (hex === undefined) return undefined;
  const [head = "", tail, ...more] = hex.split("::");
  if (more.length > 0) return undefined;
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const omitted = 8 - left.length - right.length;
  if (tail === undefined ? omitted !== 0 : omitted < 1) return undefined;
  const groups = [...left, ...Array<string>(omitted).fill("0"), ...right];
  if (!groups.every((group) => IPV6_GROUP.test(group))) return undefined;
  return BigInt(`0x${groups.map((group) => group.padStart(4, "0")).join("")}`);
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withoutDottedTail(text: string): string | undefined {
  const start = text.lastIndexOf(":") + 1;
  const tail = text.slice(start);
  if (!tail.includes(".")) return text;
  const bits = ipv4Number(tail);
  return bits === undefined ? undefined : `${text.slice(0, start)}${(bits >>> 16).toString(16)}:${(bits & 0xffff).toString(16)}`;
}
