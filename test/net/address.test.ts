import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../lib/net/address.js";
import { anyAddress } from "./arbitraries.js";

describe("parseAddress", () => {
  // https://www.rfc-editor.org/rfc/rfc4291#section-2.2
  it.each([
    ["2001:DB8:0:0:8:800:200C:417A", 0x20010db80000000000080800200c417an],
    ["2001:DB8::8:800:200C:417A", 0x20010db80000000000080800200c417an],
    ["FF01:0:0:0:0:0:0:101", 0xff010000000000000000000000000101n],
    ["FF01::101", 0xff010000000000000000000000000101n],
    ["::1", 1n],
    ["::", 0n],
    ["::13.1.68.3", 0x0d014403n],
    ["0:0:0:0:0:0:13.1.68.3", 0x0d014403n],
    ["1:2:3:4:5:6:7::", 0x00010002000300040005000600070000n],
    ["::2:3:4:5:6:7:8", 0x00000002000300040005000600070008n],
  ])("reads %s as IPv6", (text, value) => {
    expect(parseAddress(text)).toEqual({ family: 6, value });
  });

  it.each([
    ["0.0.0.0", 0n],
    ["10.0.0.1", 0x0a000001n],
    ["255.255.255.255", 0xffffffffn],
  ])("reads %s as IPv4", (text, value) => {
    expect(parseAddress(text)).toEqual({ family: 4, value });
  });

  it.each(["::FFFF:129.144.52.38", "0:0:0:0:0:FFFF:129.144.52.38", "::ffff:8190:3426"])("reads IPv4-mapped %s as IPv4", (text) => {
    expect(parseAddress(text)).toEqual({ family: 4, value: 0x81903426n });
  });

  it.each([
    ["octal", "010.0.0.1"],
    ["octal", "0251.254.169.254"],
    ["a leading zero", "10.0.0.01"],
    ["a doubled zero", "10.0.0.00"],
    ["hex", "0x7f.0.0.1"],
    ["one integer", "2130706433"],
    ["one hex integer", "0x7f000001"],
    ["a short form", "127.1"],
    ["five octets", "1.2.3.4.5"],
    ["an octet above 255", "1.2.3.256"],
    ["an empty octet", "1..3.4"],
    ["a leading dot", ".1.2.3.4"],
    ["a trailing dot", "1.2.3.4."],
    ["a sign", "+1.2.3.4"],
    ["digits of another script", "１.2.3.4"],
    ["a port", "1.2.3.4:80"],
    ["white space", " 1.2.3.4"],
    ["a line break", "1.2.3.4\n"],
    ["a zone id", "fe80::1%eth0"],
    ["an encoded zone id", "fe80::1%25eth0"],
    ["brackets", "[::1]"],
    ["two gaps", "1::2::3"],
    ["a triple colon", "1:::2"],
    ["a lone leading colon", ":1:2:3:4:5:6:7:8"],
    ["a lone trailing colon", "1:2:3:4:5:6:7:8:"],
    ["seven groups", "1:2:3:4:5:6:7"],
    ["nine groups", "1:2:3:4:5:6:7:8:9"],
    ["a gap that stands for nothing", "1:2:3:4::5:6:7:8"],
    ["a group of five digits", "::00001"],
    ["a group that is not hex", "::g"],
    ["octal in a dotted tail", "::ffff:010.0.0.1"],
    ["a dotted tail before the end", "::1.2.3.4:5"],
    ["a dotted tail beside seven groups", "1:2:3:4:5:6:7:1.2.3.4"],
    ["a name", "localhost"],
    ["nothing", ""],
    ["a lone colon", ":"],
  ])("refuses %s: %j", (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it("accepts exactly what the platform's inet_pton accepts", () => {
    const pieces = fc.constantFrom("0", "1", "9", "00", "255", "256", "a", "ffff", "F00", "12345", ":", ":", ":", "::", ".", ".", "x", " ");
    const nearAddress = fc.oneof(
      fc.array(pieces, { maxLength: 18 }).map((parts) => parts.join("")),
      fc.tuple(anyAddress.map(formatAddress), fc.nat(20), pieces).map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at)),
    );
    fc.assert(
      fc.property(nearAddress, (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("formatAddress", () => {
  // https://www.rfc-editor.org/rfc/rfc5952#section-4
  it.each([
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::AAAA", "2001:db8::aaaa"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["255.0.255.0", "255.0.255.0"],
  ])("writes %s as %s", (text, canonical) => {
    expect(formatAddress(parseAddress(text)!)).toBe(canonical);
  });

  it("is undone by parseAddress", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
      { numRuns: 2000 },
    );
  });

  it("writes what a URL writes", () => {
    const inUrl = (text: string) => new URL(text.includes(":") ? `http://[${text}]` : `http://${text}`).hostname.replace(/[[\]]/g, "");
    fc.assert(
      fc.property(anyAddress.map(formatAddress), (text) => {
        expect(inUrl(text)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});
