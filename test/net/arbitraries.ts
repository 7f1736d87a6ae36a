/** Random addresses and networks, both families, as the parsers would return them. */
import fc from "fast-check";
import { ADDRESS_BITS, type Address } from "../../lib/net/address.js";
import type { Cidr } from "../../lib/net/cidr.js";

const ipv4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });

/** Groups are zero half of the time, so that runs of zeros of every length and place come up. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((value, group) => (value << 16n) | group, 0n))
  .filter((value) => value >> 32n !== 0xffffn); // IPv4-mapped is family 4

export const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  ipv4.map((value): Address => ({ family: 4, value })),
  ipv6.map((value): Address => ({ family: 6, value })),
);

export const anyCidr: fc.Arbitrary<Cidr> = anyAddress.chain(({ family, value }) =>
  fc.nat(ADDRESS_BITS[family]).map((prefixLength) => {
    const hostBits = BigInt(ADDRESS_BITS[family] - prefixLength);
    return { family, value: (value >> hostBits) << hostBits, prefixLength };
  }),
);
