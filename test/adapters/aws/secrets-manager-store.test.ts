import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secretsManagerStore } from "../../../lib/adapters/aws/secrets-manager-store.js";
import { cachedSecrets } from "../../../lib/pipeline/secret-cache.js";
import { canary, expectNoCanary } from "../../fakes/canary.js";
import { manualClock } from "../../fakes/memory-ports.js";
import { arnOf, type FakeSecretsManager, startSecretsManager } from "../../fakes/secrets-manager.js";

const managed = { source: { kind: "managed" as const }, allowedHosts: [] };
const document = {
  secrets: {
    whole: managed,
    part: { source: { kind: "secrets-manager" as const, name: "prod/stripe", field: "apiKey" }, allowedHosts: [] },
    unbound: managed,
  },
  certificates: { client: managed },
};
const ids = new Map(["whole", "part", "client"].map((name) => [name, arnOf(name)]));

let fake: FakeSecretsManager;
beforeAll(async () => {
  fake = await startSecretsManager();
});
afterAll(() => fake.stop());
beforeEach(() => {
  for (const id of ids.values()) fake.remove(id);
});

const store = () => secretsManagerStore({ client: fake.client, document, ids });
const text = async (name: string) => (await store().get(name))?.value.revealText();

describe("a secret in Secrets Manager", () => {
  it("is read by what its name is bound to, with the version it had", async () => {
    const version = fake.put(arnOf("whole"), "the value");
    const secret = await store().get("whole");
    expect([secret?.value.revealText(), secret?.version]).toEqual(["the value", version]);
    expect(fake.reads.at(-1)).toBe(arnOf("whole"));
  });

  it("may be binary", async () => {
    fake.put(arnOf("client"), Buffer.from([0, 255, 10]));
    expect((await store().get("client"))?.value.revealBytes()).toEqual(Buffer.from([0, 255, 10]));
  });

  it("may be a field of stored JSON", async () => {
    fake.put(arnOf("part"), JSON.stringify({ apiKey: "the field", other: "x" }));
    expect(await text("part")).toBe("the field");
  });

  it.each([
    ["the field is missing", "{}"],
    ["the field is no text", '{"apiKey":{"nested":1}}'],
    ["the JSON is no object", '"apiKey"'],
    ["the JSON is null", "null"],
  ])("has no value when %s", async (_, stored) => {
    fake.put(arnOf("part"), stored);
    expect(await store().get("part")).toBeUndefined();
  });

  it("is told to be unusable when it is no JSON, without a word of it", async () => {
    const secret = canary("not-json");
    fake.put(arnOf("part"), secret);
    const fault = await store()
      .get("part")
      .catch((error: Error) => error);
    expect(fault).toMatchObject({ code: "SECRET_UNUSABLE", details: { secret: "part", expected: "JSON with the field apiKey" } });
    expectNoCanary("the error", JSON.stringify([fault, (fault as Error).message, (fault as Error).stack]), [secret]);
  });

  it("has no value, and asks nobody, when nothing is bound to its name", async () => {
    const reads = fake.reads.length;
    expect(await store().get("unbound")).toBeUndefined();
    expect(fake.reads).toHaveLength(reads);
  });

  it.each(["ResourceNotFoundException", "InvalidRequestException", "AccessDeniedException", "DecryptionFailure"])(
    "has no value when the store answers %s",
    async (error) => {
      fake.put(arnOf("whole"), "still there");
      fake.fail(error);
      expect(await store().get("whole")).toBeUndefined();
    },
  );

  it("is asked for again when the store throttles", async () => {
    fake.put(arnOf("whole"), "the value");
    fake.fail("ThrottlingException", 2);
    expect(await text("whole")).toBe("the value");
  });

  it("is unavailable after three attempts", async () => {
    const reads = fake.reads.length;
    fake.fail("InternalServiceError", 3);
    await expect(store().get("whole")).rejects.toThrow(
      expect.objectContaining({ code: "SECRET_UNAVAILABLE", details: { secret: "whole", problem: "InternalServiceError" } }),
    );
    expect(fake.reads.length - reads).toBe(3);
  });
});

describe("a cached secret", () => {
  const cached = () => {
    const clock = manualClock(0);
    return { clock, cache: cachedSecrets(store(), { clock, freshMs: 60_000, maxStaleMs: 300_000 }) };
  };

  it("is refused once it is no longer fresh, when the store says that it is gone", async () => {
    const { clock, cache } = cached();
    fake.put(arnOf("whole"), "the value");
    await cache.get("whole");
    fake.fail("InvalidRequestException"); // Marked for deletion.
    clock.advance(59_999);
    expect((await cache.get("whole"))?.value.revealText()).toBe("the value");
    clock.advance(1);
    expect(await cache.get("whole")).toBeUndefined();
  });

  it("is used on while the store does not answer, up to the declared limit", async () => {
    const { clock, cache } = cached();
    fake.put(arnOf("whole"), "the value");
    await cache.get("whole");
    fake.fail("InternalServiceError", 6);
    clock.advance(300_000);
    expect((await cache.get("whole"))?.value.revealText()).toBe("the value");
    clock.advance(1);
    await expect(cache.get("whole")).rejects.toThrow(expect.objectContaining({ code: "SECRET_UNAVAILABLE" }));
  });
});
