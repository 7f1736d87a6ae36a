import { describe, expect, it } from "vitest";
import { isAllowedHost, isHostName, parseOrigin } from "../../lib/policy/origin.js";

describe("parseOrigin", () => {
  it.each<[string, object]>([
    [
      "https://api.vendor.example",
      { scheme: "https", host: "api.vendor.example", port: 443, authority: "api.vendor.example", basePath: "" },
    ],
    ["https://api.vendor.example/", { authority: "api.vendor.example", basePath: "" }],
    ["https://api.vendor.example:443", { port: 443, authority: "api.vendor.example" }],
    ["https://api.vendor.example:8443/v2/", { port: 8443, authority: "api.vendor.example:8443", basePath: "/v2" }],
    ["http://api.vendor.example:443", { scheme: "http", port: 443, authority: "api.vendor.example:443" }],
    ["http://api.vendor.example", { scheme: "http", port: 80, authority: "api.vendor.example" }],
    ["https://api.vendor.example/a/%7euser", { basePath: "/a/~user" }],
    ["https://api.vendor.example:65535", { port: 65535 }],
    ["https://192.0.2.7:8080", { host: "192.0.2.7", port: 8080, authority: "192.0.2.7:8080" }],
    ["https://[2001:db8::1]", { host: "2001:db8::1", port: 443, authority: "[2001:db8::1]" }],
    ["https://[2001:db8::1]:8443/v2", { host: "2001:db8::1", port: 8443, authority: "[2001:db8::1]:8443", basePath: "/v2" }],
    ["https://xn--bcher-kva.example", { host: "xn--bcher-kva.example" }],
    ["https://localhost:8443", { host: "localhost", port: 8443 }],
    ["https://0x7f.example", { host: "0x7f.example" }],
  ])("reads %s", (target, origin) => {
    expect(parseOrigin(target)).toMatchObject(origin);
  });

  it.each([
    ["upper case in the host", "https://API.vendor.example"],
    ["upper case in the scheme", "HTTPS://api.vendor.example"],
    ["a trailing dot", "https://api.vendor.example."],
    ["a user", "https://user@api.vendor.example"],
    ["a user and password", "https://user:pass@api.vendor.example"],
    ["a host behind userinfo", "https://api.vendor.example@evil.example"],
    ["a host behind a backslash", "https://api.vendor.example\\@evil.example"],
    ["port 0", "https://api.vendor.example:0"],
    ["a port above 65535", "https://api.vendor.example:65536"],
    ["a port with a leading zero", "https://api.vendor.example:0443"],
    ["an empty port", "https://api.vendor.example:"],
    ["octal octets", "https://0251.254.169.254"],
    ["hexadecimal octets", "https://0x7f.0.0.1"],
    ["a short form in hexadecimal", "https://0x7f.1"],
    ["a short form", "https://127.1"],
    ["an address as one integer", "https://2130706433"],
    ["an address as one hexadecimal integer", "https://0x7f000001"],
    ["a last label that some resolvers read as a number", "https://vendor.0x7f"],
    ["an empty hexadecimal number", "https://vendor.0x"],
    ["an octet above 255", "https://256.1.1.1"],
    ["five octets", "https://1.2.3.4.5"],
    ["an IPv4-mapped address", "https://[::ffff:169.254.169.254]"],
    ["IPv6 that is not in its canonical text", "https://[2001:db8:0:0::1]"],
    ["IPv6 in upper case", "https://[2001:DB8::1]"],
    ["a zone id", "https://[fe80::1%25eth0]"],
    ["IPv4 in brackets", "https://[192.0.2.7]"],
    ["an empty label", "https://api..example"],
    ["a label that starts with a hyphen", "https://-api.example"],
    ["an underscore", "https://api_vendor.example"],
    ["a wildcard", "https://*.vendor.example"],
    ["a label of 64 characters", `https://${"a".repeat(64)}.example`],
    ["a name of 254 characters", `https://${"a.".repeat(126)}aa`],
    ["another scheme", "ftp://api.vendor.example"],
    ["no scheme", "api.vendor.example"],
    ["one slash", "https:/api.vendor.example"],
    ["a query", "https://api.vendor.example?a=1"],
    ["a query after a path", "https://api.vendor.example/v1?a=1"],
    ["a fragment", "https://api.vendor.example/v1#a"],
    ["dot segments", "https://api.vendor.example/v1/../v2"],
    ["encoded dot segments", "https://api.vendor.example/v1/%2e%2e"],
    ["an encoded slash", "https://api.vendor.example/v1%2Fv2"],
    ["a path parameter", "https://api.vendor.example/v1;a"],
    ["a doubled slash", "https://api.vendor.example/v1//v2"],
    ["a doubled slash at the end", "https://api.vendor.example/v1//"],
    ["a line break", "https://api.vendor.example\n"],
    ["white space", " https://api.vendor.example"],
  ])("refuses %s", (_what, target) => {
    expect(parseOrigin(target)).toBeUndefined();
  });
});

describe("isHostName", () => {
  it("takes names of up to 253 characters", () => {
    expect(isHostName(`${"a.".repeat(126)}a`)).toBe(true);
    expect(isHostName(`${"a.".repeat(126)}aa`)).toBe(false);
  });
});

describe("isAllowedHost", () => {
  const origin = parseOrigin("https://api.vendor.example:8443")!;

  it("takes a host for any port, and host:port for one", () => {
    expect(isAllowedHost(["api.vendor.example"], origin)).toBe(true);
    expect(isAllowedHost(["api.vendor.example:8443"], origin)).toBe(true);
    expect(isAllowedHost(["api.vendor.example:443"], origin)).toBe(false);
  });

  it("takes neither a parent, nor a child, nor a suffix", () => {
    expect(isAllowedHost(["vendor.example", "a.api.vendor.example", "xapi.vendor.example"], origin)).toBe(false);
  });

  it("takes nothing for an empty list", () => {
    expect(isAllowedHost([], origin)).toBe(false);
  });

  it("names an IPv6 address with a port in brackets", () => {
    const literal = parseOrigin("https://[2001:db8::1]")!;
    expect(isAllowedHost(["2001:db8::1"], literal)).toBe(true);
    expect(isAllowedHost(["[2001:db8::1]:443"], literal)).toBe(true);
    expect(isAllowedHost(["[2001:db8::1]:8443"], literal)).toBe(false);
  });
});
