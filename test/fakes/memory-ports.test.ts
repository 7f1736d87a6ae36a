import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import { manualClock, memorySecretStore, recordingAuditSink, recordingMetricSink, seededRandom, tableResolver } from "./memory-ports.js";

describe("manualClock", () => {
  it("stands still until it is moved", () => {
    const clock = manualClock(1_700_000_000_000);
    expect([clock.now(), clock.now(), clock.monotonic()]).toEqual([1_700_000_000_000, 1_700_000_000_000, 0]);
  });

  it("moves both clocks when time passes, and only the wall clock when it jumps", () => {
    const clock = manualClock(1_000_000);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_250, 250]);
    clock.jump(-3_600_000);
    expect([clock.now(), clock.monotonic()]).toEqual([-2_599_750, 250]);
  });
});

describe("seededRandom", () => {
  it("repeats for the same seed, differs for another, and never repeats within one", () => {
    const draw = (seed: string) => {
      const random = seededRandom(seed);
      return [random.bytes(16), random.bytes(16)].map((bytes) => Buffer.from(bytes).toString("hex"));
    };
    expect(draw("a")).toEqual(draw("a"));
    expect(new Set([...draw("a"), ...draw("b")]).size).toBe(4);
  });

  it.each([0, 1, 12, 16, 100])("gives exactly %i bytes", (length) => {
    expect(seededRandom("a").bytes(length)).toHaveLength(length);
  });
});

describe("memorySecretStore", () => {
  it("answers with the current version, and undefined for a name without value", async () => {
    const store = memorySecretStore({ "stripe-key": "first" });
    expect((await store.get("stripe-key"))?.version).toBe("v1");
    expect((await store.get("stripe-key"))?.value.revealText()).toBe("first");
    expect(store.put("stripe-key", "second")).toBe("v2");
    expect((await store.get("stripe-key"))?.value.revealText()).toBe("second");
    expect(await store.get("toString")).toBeUndefined();
    expect(store.reads).toEqual(["stripe-key", "stripe-key", "stripe-key", "toString"]);
  });

  it("never uses a version name twice, also after a removal", async () => {
    const store = memorySecretStore({ key: "first" });
    store.remove("key");
    expect(await store.get("key")).toBeUndefined();
    expect(store.put("key", new Uint8Array([1, 2]))).toBe("v2");
    expect((await store.get("key"))?.value.revealBytes()).toEqual(Buffer.from([1, 2]));
  });

  it("fails with SECRET_UNAVAILABLE until it recovers, or with the error it is given", async () => {
    const store = memorySecretStore({ key: "value" });
    store.fail();
    await expect(store.get("key")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE", status: 503 });
    await expect(store.get("key")).rejects.toMatchObject({ message: expect.stringContaining("the secret store does not answer") });
    store.fail(new Error("throttled"));
    await expect(store.get("key")).rejects.toThrow("throttled");
    store.recover();
    expect((await store.get("key"))?.value.revealText()).toBe("value");
  });
});

describe("recordingAuditSink", () => {
  it("records events as their JSON, so that a later change of the object changes nothing", async () => {
    const sink = recordingAuditSink();
    const event = { id: "1", secret: new SecretValue("hidden"), absent: undefined };
    await sink.append(event);
    event.id = "changed";
    expect(sink.events).toEqual([{ id: "1", secret: "[redacted]" }]);
    expect(Object.keys(sink.events[0]!)).toEqual(["id", "secret"]);
  });

  it("fails with AUDIT_UNAVAILABLE and records nothing, until it recovers", async () => {
    const sink = recordingAuditSink();
    sink.fail();
    await expect(sink.append({ id: "lost" })).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
      message: expect.stringContaining("the audit could not be written"),
    });
    sink.recover();
    await sink.append({ id: "kept" });
    expect(sink.events).toEqual([{ id: "kept" }]);
  });
});

describe("recordingMetricSink", () => {
  it("records samples in order and sums them by name and labels", () => {
    const sink = recordingMetricSink();
    sink.count("calls", { route: "stripe", result: "allow" });
    sink.count("calls", { route: "stripe", result: "deny" }, 3);
    sink.observe("seconds", { route: "stripe" }, 0.25);
    expect(sink.samples).toEqual([
      { kind: "count", name: "calls", labels: { route: "stripe", result: "allow" }, value: 1 },
      { kind: "count", name: "calls", labels: { route: "stripe", result: "deny" }, value: 3 },
      { kind: "observe", name: "seconds", labels: { route: "stripe" }, value: 0.25 },
    ]);
    expect(sink.total("calls")).toBe(4);
    expect(sink.total("calls", { result: "deny" })).toBe(3);
    expect(sink.total("calls", { result: "other" })).toBe(0);
    expect(sink.total("seconds", { route: "stripe" })).toBe(0.25);
  });
});

describe("tableResolver", () => {
  it("answers from its table, which can be rebound", async () => {
    const resolver = tableResolver({ "api.example": ["192.0.2.1", "2001:db8::1"] });
    expect(await resolver.resolve("api.example")).toEqual(["192.0.2.1", "2001:db8::1"]);
    resolver.set("api.example", ["169.254.169.254"]);
    expect(await resolver.resolve("api.example")).toEqual(["169.254.169.254"]);
    expect(resolver.lookups).toEqual(["api.example", "api.example"]);
  });

  it("fails as DNS does for a name that does not exist", async () => {
    const resolver = tableResolver({});
    await expect(resolver.resolve("constructor")).rejects.toMatchObject({
      code: "ENOTFOUND",
      message: "getaddrinfo ENOTFOUND constructor",
    });
    expect(resolver.lookups).toEqual(["constructor"]);
  });
});
