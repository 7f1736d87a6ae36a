import { describe, expect, it, vi } from "vitest";
import { systemClock, systemRandom, systemResolver } from "../../../lib/adapters/local/system-ports.js";

describe("systemClock", () => {
  it("keeps the monotonic clock when the wall clock jumps an hour", () => {
    const before = { now: systemClock.now(), monotonic: systemClock.monotonic() };
    vi.useFakeTimers({ toFake: ["Date"], now: before.now + 3_600_000 });
    expect(systemClock.now() - before.now).toBeGreaterThanOrEqual(3_600_000);
    expect(systemClock.monotonic() - before.monotonic).toBeLessThan(3_600_000);
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before.monotonic);
    vi.useRealTimers();
  });
});

describe("systemRandom", () => {
  it("gives as many bytes as asked, different each time", () => {
    expect(systemRandom.bytes(0)).toHaveLength(0);
    const drawn = Array.from({ length: 100 }, () => Buffer.from(systemRandom.bytes(16)).toString("hex"));
    expect(new Set(drawn).size).toBe(100);
    expect(drawn.every((text) => text.length === 32)).toBe(true);
  });
});

describe("systemResolver", () => {
  it("resolves a name of the hosts file", async () => {
    const addresses = await systemResolver().resolve("localhost");
    expect(addresses.some((address) => address === "127.0.0.1" || address === "::1")).toBe(true);
  });

  it("gives an address back as it is", async () => {
    expect(await systemResolver().resolve("192.0.2.1")).toEqual(["192.0.2.1"]);
  });

  it("answers from the fixed table without asking, whatever the case of the host", async () => {
    const { resolve } = systemResolver({ "api.invalid": ["192.0.2.1", "2001:db8::1"] });
    expect(await resolve("api.invalid")).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(await resolve("API.invalid")).toEqual(["192.0.2.1", "2001:db8::1"]);
  });

  it.each(["no-such-host.invalid", "constructor"])("throws for %s", async (host) => {
    await expect(systemResolver().resolve(host)).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  });
});
