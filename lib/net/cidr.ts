/**
 * Networks and sets of networks. Host bits must be zero, so that `10.0.0.1/8` cannot be written for one host and open
 * sixteen million; `::/0` holds no IPv4, and an IPv4-mapped network is the IPv4 network it maps.
 * RFC 4632 section 3.1, RFC 4291 section 2.3.
 */
import { ADDRESS_BITS, type Address, formatAddress, parseAddress } from "./address.js";

/** A network: `value` is its first address. */
export interface Cidr extends Address {
  readonly prefixLength: number;
}

/**
 * Reads `address/prefix-length`; a bare address is a network of one. `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
 * @returns undefined where {@link explainCidr} has something to say
 */
export function parseCidr(text: string): Cidr | undefined {
  const read = readCidr(text);
  return typeof read === "string" ? undefined : read;
}

/** @returns why the text is no network and the cure, as one clause; undefined when it is one */
export function explainCidr(text: string): string | undefined {
  const read = readCidr(text);
  return typeof read === "string" ? read : undefined;
}

export const formatCidr = (cidr: Cidr): string => `${formatAddress(cidr)}/${cidr.prefixLength}`;

const DECIMAL = /^(?:0|[1-9][0-9]{0,2})$/;

function readCidr(text: string): Cidr | string {
  const slash = text.indexOf("/");
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(addressText);
  if (address === undefined) return `${JSON.stringify(addressText)} is not an address in dotted decimal or IPv6 text`;

  const bits = ADDRESS_BITS[address.family];
  const mappedBits = address.family === 4 && addressText.includes(":") ? 96 : 0;
  const lengthText = slash < 0 ? String(mappedBits + bits) : text.slice(slash + 1);
  const prefixLength = DECIMAL.test(lengthText) ? Number(lengthText) - mappedBits : -1;
  if (prefixLength < 0 || prefixLength > bits) {
    return `the prefix length ${JSON.stringify(lengthText)} is not a whole number from ${mappedBits} to ${mappedBits + bits}`;
  }

  const network = { ...address, value: address.value & ~hostMask(address.family, prefixLength), prefixLength };
  if (network.value === address.value) return network;
  return `${JSON.stringify(text)} has host bits set; write ${formatCidr(network)} for the network, ${formatAddress(address)} for the one address`;
}

const hostMask = (family: 4 | 6, prefixLength: number): bigint => (1n << BigInt(ADDRESS_BITS[family] - prefixLength)) - 1n;

/** Addresses from `first` to `last`, both included, as positions on the one line of {@link position}. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** Both families on one number line: IPv6 from zero up, IPv4 right below zero. */
const position = ({ family, value }: Address): bigint => (family === 4 ? value - 0x1_0000_0000n : value);

function rangeOf(cidr: Cidr): Range {
  const first = position(cidr);
  return { first, last: first + hostMask(cidr.family, cidr.prefixLength) };
}

function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const previous = merged.at(-1);
    if (previous === undefined || range.first > previous.last + 1n) merged.push(range);
    else if (range.last > previous.last) merged[merged.length - 1] = { first: previous.first, last: range.last };
  }
  return merged;
}

/** A set of addresses, given as networks. Merged and sorted at construction; every question is a binary search. */
export class CidrSet {
  /** Sorted; neither overlapping nor touching. */
  readonly #ranges: readonly Range[];

  constructor(cidrs: readonly Cidr[]) {
    this.#ranges = merge(cidrs.map(rangeOf));
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  contains(address: Address): boolean {
    const at = position(address);
    return this.#reaches(at, at);
  }

  /** Whether every address of `other` is in this set. The empty set is covered by every set. */
  covers(other: CidrSet): boolean {
    return other.#ranges.every(({ first, last }) => this.#reaches(first, last));
  }

  /** The share, 0 to 1, of a network's addresses that are in this set, however it is cut into networks. */
  shareOf(network: Cidr): number {
    const { first, last } = rangeOf(network);
    let count = 0n;
    for (const range of this.#ranges) {
      if (range.last < first || range.first > last) continue;
      count += range.last - range.first + 1n;
      if (range.first < first) count -= first - range.first;
      if (range.last > last) count -= range.last - last;
    }
    return Number(count) / Number(last - first + 1n);
  }

  /** Whether some address is in both sets. */
  intersects(other: CidrSet): boolean {
    return other.#ranges.some(({ first, last }) => this.#reaches(last, first));
  }

  /** Whether the last range that starts at or before `start` reaches `end`. */
  #reaches(start: bigint, end: bigint): boolean {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.first <= start) low = middle + 1;
      else high = middle;
    }
    return low > 0 && this.#ranges[low - 1]!.last >= end;
  }
}
