import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESS_BITS, type Address, formatAddress, parseAddress } from "../../lib/net/address.js";
import { type Cidr, CidrSet, parseCidr } from "../../lib/net/cidr.js";
import { isPublicAddress } from "../../lib/net/special-purpose.js";
import { corpusText } from "./corpora.js";

const isPublic = (text: string) => isPublicAddress(parseAddress(text)!);

function samples(cidr: Cidr): Address[] {
  const size = 1n << BigInt(ADDRESS_BITS[cidr.family] - cidr.prefixLength);
  const offsets = [0n, size - 1n, ...fc.sample(fc.bigInt({ min: 0n, max: size - 1n }), 20)];
  return offsets.map((offset) => ({ family: cidr.family, value: cidr.value + offset }));
}

describe("isPublicAddress", () => {
  it.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:200::1",
    "2003::1",
    "3ffe::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
  ])("takes %s as public", (text) => {
    expect(isPublic(text)).toBe(true);
  });

  it.each([
    ["this network", "0.0.0.0"],
    ["loopback", "127.0.0.1"],
    ["loopback", "127.255.255.254"],
    ["private use", "10.0.0.1"],
    ["private use", "172.31.255.255"],
    ["private use", "192.168.1.1"],
    ["shared address space", "100.100.100.200"],
    ["link local", "169.254.169.254"],
    ["Oracle Cloud metadata", "192.0.0.192"],
    ["Azure metadata", "168.63.129.16"],
    ["multicast", "224.0.0.1"],
    ["multicast", "239.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["loopback", "::1"],
    ["unspecified", "::"],
    ["IPv4-mapped private", "::ffff:10.0.0.1"],
    ["IPv4-mapped metadata", "::ffff:a9fe:a9fe"],
    ["IPv4-compatible metadata", "::169.254.169.254"],
    ["IPv4-compatible public", "::8.8.8.8"],
    ["NAT64 of a private address", "64:ff9b::10.0.0.1"],
    ["NAT64 of the metadata address", "64:ff9b::a9fe:a9fe"],
    ["NAT64 of Azure's metadata address", "64:ff9b::168.63.129.16"],
    ["the address after well-known NAT64", "64:ff9b::1:0:0"],
    ["local NAT64", "64:ff9b:1::8.8.8.8"],
    ["6to4 of a private address", "2002:a00:1::1"],
    ["6to4 of a public address", "2002:808:808::1"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    ["site local", "fec0::1"],
    ["link local", "fe80::1"],
    ["unique local, AWS metadata", "fd00:ec2::254"],
    ["multicast", "ff02::1"],
    ["documentation", "2001:db8::1"],
    ["documentation", "3fff::1"],
    ["SRv6 SIDs", "5f00::1"],
    ["unallocated", "1fff::1"],
    ["unallocated", "4000::1"],
    ["unallocated", "8000::1"],
  ])("refuses %s: %s", (_, text) => {
    expect(isPublic(text)).toBe(false);
  });

  it("refuses an IPv4-mapped value that claims to be IPv6", () => {
    expect(isPublicAddress({ family: 6, value: 0xffff08080808n })).toBe(false);
  });

  it("judges any address behind well-known NAT64 as it judges the IPv4 address itself", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), (value) => {
        expect(isPublicAddress({ family: 6, value: (0x64ff9bn << 96n) | value })).toBe(isPublicAddress({ family: 4, value }));
      }),
    );
  });
});

interface RegistryRow {
  readonly name: string;
  readonly networks: readonly Cidr[];
  readonly globallyReachable: boolean;
}

/** RFC 4180: quoted fields may hold commas, line breaks and doubled quotes. */
function registryRows(csv: string): RegistryRow[] {
  const rows: string[][] = [[]];
  for (const [, field = "", end] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(field.replace(/^"|"$/g, "").replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  const [header = [], ...records] = rows.filter((row) => row.length > 1);
  return records.map((record) => ({
    name: record[header.indexOf("Name")]!,
    networks: record[header.indexOf("Address Block")]!.replace(/ \[\d+\]/g, "")
      .split(", ")
      .map((text) => (text === "::ffff:0:0/96" ? { family: 6, value: 0xffff00000000n, prefixLength: 96 } : parseCidr(text)!)),
    globallyReachable: record[header.indexOf("Globally Reachable")] === "True",
  }));
}

for (const file of ["iana/iana-ipv4-special-registry-1.csv", "iana/iana-ipv6-special-registry-1.csv"]) {
  const csv = corpusText(file);
  if (csv === undefined) continue;

  describe(file, () => {
    const rows = registryRows(csv);
    const closed = rows.filter((row) => !row.globallyReachable);
    const closedSet = new CidrSet(closed.flatMap((row) => row.networks));

    it("is read whole", () => {
      expect(rows).toHaveLength(25);
    });

    it.each(closed)("refuses every address of $name", ({ networks }) => {
      expect(networks.flatMap(samples).filter(isPublicAddress).map(formatAddress)).toEqual([]);
    });

    it("takes the globally reachable blocks that lie in no other block as public", () => {
      const open = rows.filter((row) => row.globallyReachable && !closedSet.intersects(new CidrSet(row.networks)));
      const wellKnownNat64 = "IPv4-IPv6 Translat."; // judged by the IPv4 address inside
      const judged = open.filter((row) => row.name !== wellKnownNat64);
      expect(judged.length).toBeGreaterThan(0);
      expect(judged.filter(({ networks }) => !networks.flatMap(samples).every(isPublicAddress)).map((row) => row.name)).toEqual([]);
    });
  });
}

const metadataUrls = corpusText("metadata_urls.txt");
if (metadataUrls !== undefined) {
  describe("metadata_urls.txt", () => {
    const hosts = [...metadataUrls.matchAll(/^https?:\/\/(?:\[([^\]]*)\]|([^/:?#\s]*))/gm)].map(([, ipv6, other]) => ipv6 ?? other!);
    const addresses = hosts.filter((host) => parseAddress(host) !== undefined);

    it("holds no address that is public", () => {
      expect(addresses.length).toBeGreaterThan(0);
      expect(addresses.filter(isPublic)).toEqual([]);
    });

    it("otherwise holds names, which are judged by what they resolve to, and spellings that are no address", () => {
      const numeric = hosts.filter((host) => /^[\d.]+$|:/.test(host) && !addresses.includes(host));
      expect(numeric).toEqual(["0251.254.169.254"]);
    });
  });
}
