/** THREATS 1, 14, 15: the target's name is resolved once, every address must be public, and the checked one is dialled. */
import { describe, expect, it } from "vitest";
import { CidrSet, parseCidr } from "../../lib/net/cidr.js";
import { testDoor, UPSTREAM_ADDRESS } from "../fakes/door.js";

// biome-ignore format: a table
const NOT_PUBLIC = [
  "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.51.100.1",
  "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:db8::1",
];

describe("the address that is dialled", () => {
  it.each(NOT_PUBLIC)("is never %s", async (address) => {
    const { ask, resolver, upstream, audit } = testDoor();
    resolver.set("api.example.com", [address]);
    expect(await ask()).toMatchObject({ status: 502, code: "DESTINATION_NOT_PUBLIC" });
    expect(upstream.sent).toEqual([]);
    expect(audit.events[0]?.details).toMatchObject({ host: "api.example.com" });
  });

  it("is never one of several when any of them is not public", async () => {
    for (const addresses of [
      [UPSTREAM_ADDRESS, "10.0.0.1"],
      ["10.0.0.1", UPSTREAM_ADDRESS],
    ]) {
      const { ask, resolver, upstream } = testDoor();
      resolver.set("api.example.com", addresses);
      expect(await ask()).toMatchObject({ code: "DESTINATION_NOT_PUBLIC" });
      expect(upstream.sent).toEqual([]);
    }
  });

  it.each(["010.0.0.1", "0x7f000001", "2130706433", "127.1", "fe80::1%eth0", ""])("is never an unusual spelling: %s", async (spelling) => {
    const { ask, resolver, upstream, audit } = testDoor();
    resolver.set("api.example.com", [UPSTREAM_ADDRESS, spelling]);
    expect(await ask()).toMatchObject({ status: 502, code: "DNS_FAILED" });
    expect(upstream.sent).toEqual([]);
    expect(audit.events[0]?.details).toEqual({ host: "api.example.com", address: spelling });
  });

  it("is the one that was checked, with the policy's name for SNI and Host", async () => {
    const { ask, upstream, resolver, audit } = testDoor();
    await ask({ headers: [["x-forwarded-host", "evil.example"]] });
    expect(upstream.sent[0]?.destination).toEqual({
      scheme: "https",
      host: "api.example.com",
      port: 443,
      address: UPSTREAM_ADDRESS,
      clientCertificate: undefined,
    });
    expect(resolver.lookups).toEqual(["api.example.com"]);
    expect(audit.events[0]?.upstream).toEqual({ host: "api.example.com", port: 443, address: UPSTREAM_ADDRESS });
  });

  it("is resolved anew for each call, so that a rebound name is seen", async () => {
    const { ask, resolver } = testDoor();
    expect(await ask()).toMatchObject({ status: 200 });
    resolver.set("api.example.com", ["127.0.0.1"]);
    expect(await ask()).toMatchObject({ code: "DESTINATION_NOT_PUBLIC" });
  });

  it("may be in the networks that the operator allowed, and in no others", async () => {
    const { ask, resolver, upstream } = testDoor({ allowUpstream: new CidrSet([parseCidr("10.1.0.0/16")!]) });
    resolver.set("api.example.com", ["10.1.2.3", UPSTREAM_ADDRESS]);
    expect(await ask()).toMatchObject({ status: 200 });
    expect(upstream.sent[0]?.destination.address).toBe("10.1.2.3");
    resolver.set("api.example.com", ["10.2.2.3"]);
    expect(await ask()).toMatchObject({ code: "DESTINATION_NOT_PUBLIC" });
  });

  it("is not looked up when the target is an address", async () => {
    const api = { owner: "team-test", target: "https://93.184.215.14" };
    const { ask, resolver, upstream } = testDoor({ policy: { routes: { api } } });
    await ask();
    expect(resolver.lookups).toEqual([]);
    expect(upstream.sent[0]).toMatchObject({ destination: { host: "93.184.215.14", address: "93.184.215.14" } });
  });
});

describe("the deadline", () => {
  it("is the route's, less the time that has passed", async () => {
    const api = { owner: "team-test", target: "https://api.example.com", limits: { deadlineSeconds: 7 } };
    const { ask, upstream, clock, door } = testDoor({ policy: { routes: { api } } });
    const { resolve } = door.resolver;
    const slow = async (host: string) => {
      clock.advance(3000);
      clock.jump(3_600_000);
      return resolve(host);
    };
    Object.assign(door, { resolver: { resolve: slow } });
    await ask();
    expect(upstream.sent[0]?.deadlineMs).toBe(4000);
  });
});

describe("the client certificate", () => {
  it("goes along by name, version and value", async () => {
    const certificates = { client: { source: { kind: "managed" }, allowedHosts: ["api.example.com"] } };
    const api = { owner: "team-test", target: "https://api.example.com", tls: { clientCertificate: "client" } };
    const { ask, upstream, secrets, audit } = testDoor({ policy: { certificates, routes: { api } } });
    expect(await ask()).toMatchObject({ status: 503, code: "SECRET_MISSING" });
    secrets.put("client", "PEM");
    expect(await ask()).toMatchObject({ status: 200 });
    const certificate = upstream.sent[0]!.destination.clientCertificate!;
    expect([certificate.name, certificate.version, certificate.pem.revealText()]).toEqual(["client", "v1", "PEM"]);
    expect(audit.events.at(-1)).toMatchObject({ credentials: [{ name: "client", version: "v1" }] });
  });
});
