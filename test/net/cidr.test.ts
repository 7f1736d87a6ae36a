import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESS_BITS, type Address, parseAddress } from "../../lib/net/address.js";
import { type Cidr, CidrSet, explainCidr, formatCidr, parseCidr } from "../../lib/net/cidr.js";
import { anyAddress, anyCidr } from "./arbitraries.js";

const setOf = (...texts: string[]) => new CidrSet(texts.map((text) => parseCidr(text)!));
const address = (text: string) => parseAddress(text)!;

describe("parseCidr", () => {
  it.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.1.2.3", "10.1.2.3/32"],
    ["10.1.2.3/32", "10.1.2.3/32"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::1", "::1/128"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
    ["::ffff:10.1.2.3", "10.1.2.3/32"],
  ])("reads %s as %s", (text, canonical) => {
    expect(formatCidr(parseCidr(text)!)).toBe(canonical);
    expect(explainCidr(text)).toBeUndefined();
  });

  it.each([
    ["10.0.0.1/8", '"10.0.0.1/8" has host bits set; write 10.0.0.0/8 for the network, 10.0.0.1 for the one address'],
    ["10.1.2.3/0", '"10.1.2.3/0" has host bits set; write 0.0.0.0/0 for the network, 10.1.2.3 for the one address'],
    ["2001:db8::1/32", '"2001:db8::1/32" has host bits set; write 2001:db8::/32 for the network, 2001:db8::1 for the one address'],
    ["::ffff:10.0.0.1/104", '"::ffff:10.0.0.1/104" has host bits set; write 10.0.0.0/8 for the network, 10.0.0.1 for the one address'],
    ["10.0.0.0/33", 'the prefix length "33" is not a whole number from 0 to 32'],
    ["10.0.0.0/08", 'the prefix length "08" is not a whole number from 0 to 32'],
    ["10.0.0.0/", 'the prefix length "" is not a whole number from 0 to 32'],
    ["10.0.0.0/255.0.0.0", 'the prefix length "255.0.0.0" is not a whole number from 0 to 32'],
    ["10.0.0.0/8/8", 'the prefix length "8/8" is not a whole number from 0 to 32'],
    ["::/129", 'the prefix length "129" is not a whole number from 0 to 128'],
    ["::ffff:0:0/95", 'the prefix length "95" is not a whole number from 96 to 128'],
    ["010.0.0.0/8", '"010.0.0.0" is not an address in dotted decimal or IPv6 text'],
    ["10/8", '"10" is not an address in dotted decimal or IPv6 text'],
    ["", '"" is not an address in dotted decimal or IPv6 text'],
  ])("refuses %j and says why", (text, why) => {
    expect(parseCidr(text)).toBeUndefined();
    expect(explainCidr(text)).toBe(why);
  });

  it("undoes formatCidr", () => {
    fc.assert(
      fc.property(anyCidr, (cidr) => {
        expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("CidrSet", () => {
  it("holds the first and last address of a network and neither neighbour", () => {
    const set = setOf("10.0.0.0/8");
    expect(["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"].map((text) => set.contains(address(text)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("holds no IPv4 in ::/0 and no IPv6 in 0.0.0.0/0", () => {
    expect(setOf("::/0").contains(address("1.2.3.4"))).toBe(false);
    expect(setOf("::/0").contains(address("255.255.255.255"))).toBe(false);
    expect(setOf("0.0.0.0/0").contains(address("::"))).toBe(false);
    expect(setOf("0.0.0.0/0").contains(address("::102:304"))).toBe(false);
  });

  it("judges an IPv4-mapped address as IPv4", () => {
    expect(setOf("10.0.0.0/8").contains(address("::ffff:10.1.2.3"))).toBe(true);
  });

  it("is empty and holds nothing when made of nothing", () => {
    const empty = setOf();
    expect(empty.isEmpty).toBe(true);
    expect(setOf("10.0.0.0/8").isEmpty).toBe(false);
    expect(empty.contains(address("0.0.0.0"))).toBe(false);
    expect(empty.covers(setOf("10.0.0.0/8"))).toBe(false);
    expect(empty.intersects(setOf("0.0.0.0/0", "::/0"))).toBe(false);
    expect(empty.covers(setOf())).toBe(true);
  });

  it.each<[string[], string, number]>([
    [["0.0.0.0/0"], "0.0.0.0/0", 1],
    [["128.0.0.0/1", "0.0.0.0/1"], "0.0.0.0/0", 1],
    [["0.0.0.0/1", "128.0.0.0/2", "128.0.0.0/3"], "0.0.0.0/0", 0.75],
    [["::ffff:0:0/96"], "0.0.0.0/0", 1],
    [["::/0"], "0.0.0.0/0", 0],
    [["0.0.0.0/0"], "::/0", 0],
    [["0.0.0.0/0", "::/1"], "::/0", 0.5],
    [["0.0.0.0/0"], "10.0.0.0/8", 1],
    [["9.255.255.0/24", "10.64.0.0/10", "11.0.0.0/8"], "10.0.0.0/8", 0.25],
    [["10.0.0.7"], "10.0.0.7/32", 1],
    [[], "::/0", 0],
  ])("given %j, its share of %s is %d", (texts, network, share) => {
    expect(setOf(...texts).shareOf(parseCidr(network)!)).toBe(share);
  });

  it("covers a network cut in two only when both halves are there", () => {
    expect(setOf("10.0.0.0/9", "10.128.0.0/9").covers(setOf("10.0.0.0/8"))).toBe(true);
    expect(setOf("10.0.0.0/9").covers(setOf("10.0.0.0/8"))).toBe(false);
  });

  it("intersects where one network lies inside another, in either order", () => {
    expect(setOf("10.0.0.0/8").intersects(setOf("10.1.0.0/16"))).toBe(true);
    expect(setOf("10.1.0.0/16").intersects(setOf("10.0.0.0/8"))).toBe(true);
    expect(setOf("10.0.0.0/8").intersects(setOf("11.0.0.0/8"))).toBe(false);
    expect(setOf("255.255.255.255").intersects(setOf("::/0"))).toBe(false);
  });

  it("agrees with looking at each network in turn", () => {
    const isIn = (at: Address, cidr: Cidr) => {
      const hostBits = BigInt(ADDRESS_BITS[at.family] - cidr.prefixLength);
      return at.family === cidr.family && at.value >> hostBits === cidr.value >> hostBits;
    };
    const exists = ({ family, value }: Address) => value >= 0n && value < 1n << BigInt(ADDRESS_BITS[family]);
    const edges = (cidr: Cidr) => {
      const size = 1n << BigInt(ADDRESS_BITS[cidr.family] - cidr.prefixLength);
      return [-1n, 0n, size - 1n, size].map((step) => ({ family: cidr.family, value: cidr.value + step }));
    };
    fc.assert(
      fc.property(fc.array(anyCidr, { maxLength: 12 }), fc.array(anyAddress), (cidrs, addresses) => {
        const set = new CidrSet(cidrs);
        for (const at of [...addresses, ...cidrs.flatMap(edges)].filter(exists)) {
          expect(set.contains(at)).toBe(cidrs.some((cidr) => isIn(at, cidr)));
        }
      }),
      { numRuns: 1000 },
    );
  });

  describe("over sixteen addresses of each family at the seams of the number space", () => {
    const corners = [
      { family: 4, base: 0n },
      { family: 4, base: 2n ** 32n - 8n },
      { family: 6, base: 0n },
      { family: 6, base: 2n ** 128n - 8n },
    ] as const;
    const universe = corners.flatMap(({ family, base }) =>
      Array.from({ length: 8 }, (_, step) => ({ family, value: base + BigInt(step) })),
    );
    const someCidrs = fc.array(
      fc.tuple(fc.constantFrom(...universe), fc.nat(3)).map(([{ family, value }, hostBits]): Cidr => {
        const prefixLength = ADDRESS_BITS[family] - hostBits;
        return { family, value: (value >> BigInt(hostBits)) << BigInt(hostBits), prefixLength };
      }),
      { maxLength: 10 },
    );
    const members = (set: CidrSet) => new Set(universe.filter((at) => set.contains(at)));

    it("covers exactly when every member of the other is a member", () => {
      fc.assert(
        fc.property(someCidrs, someCidrs, (ours, theirs) => {
          const [set, other] = [new CidrSet(ours), new CidrSet(theirs)];
          expect(set.covers(other)).toBe([...members(other)].every((at) => members(set).has(at)));
        }),
        { numRuns: 2000 },
      );
    });

    it("intersects exactly when some member is shared, whichever set is asked", () => {
      fc.assert(
        fc.property(someCidrs, someCidrs, (ours, theirs) => {
          const [set, other] = [new CidrSet(ours), new CidrSet(theirs)];
          const shared = [...members(other)].some((at) => members(set).has(at));
          expect([set.intersects(other), other.intersects(set)]).toEqual([shared, shared]);
        }),
        { numRuns: 2000 },
      );
    });
  });
});
