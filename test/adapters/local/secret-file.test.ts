import { chmodSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { defaultKeyPath, type SecretFile, secretFile } from "../../../lib/adapters/local/secret-file.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { canary, canaryForms, scanTree } from "../../fakes/canary.js";
import { manualClock, seededRandom } from "../../fakes/memory-ports.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

let folder: string;
let path: string;
let keyPath: string;
let store: SecretFile;
const clock = manualClock(Date.UTC(2026, 0, 2));
const openStore = (options: { keyPath?: string } = {}) => secretFile({ path, keyPath, clock, ...options });
beforeEach(() => {
  folder = temporaryFolder(onTestFinished);
  path = join(folder, "secrets.json");
  keyPath = join(folder, "config", "key");
  store = openStore();
});

const secret = (text: string) => new SecretValue(text);
const textOf = async (name: string, from = store) => (await from.get(name))?.value.revealText();
const content = () => JSON.parse(readFileSync(path, "utf8"));
const rewrite = (change: (content: { entries: Record<string, Record<string, string>> }) => unknown) => {
  const changed = content();
  change(changed);
  writeFileSync(path, JSON.stringify(changed), { mode: 0o600 });
};
const unusable = (message: string, details: object = { path }) =>
  expect.objectContaining({ code: "STORE_UNUSABLE", details, message: expect.stringContaining(message) });
const cannotBeOpened = (name: string) => unusable(`entry "${name}" cannot be opened`, { path, name });

describe("secretFile", () => {
  it("gives back what was stored, with its version", async () => {
    expect(await store.set("stripe-key", secret("sk_live_1"))).toBe("v1");
    const resolved = await store.get("stripe-key");
    expect(resolved?.value).toBeInstanceOf(SecretValue);
    expect(resolved?.value.revealText()).toBe("sk_live_1");
    expect(resolved?.version).toBe("v1");
  });

  it("gives back any bytes under any name, also from a new instance", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.uint8Array(), async (name, bytes) => {
        await store.set(name, new SecretValue(bytes));
        expect((await openStore().get(name))?.value.revealBytes().equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each(["__proto__", "constructor", "toString"])("takes %s for a name like any other", async (name) => {
    expect(await store.get(name)).toBeUndefined();
    expect(await store.set(name, secret("one"))).toBe("v1");
    expect(await store.set(name, secret("two"))).toBe("v2");
    expect(await textOf(name)).toBe("two");
    expect(await store.remove(name)).toBe(true);
    expect(await store.get(name)).toBeUndefined();
  });

  it("has no value for a name that was never set, also before there is a file", async () => {
    expect(await store.get("a")).toBeUndefined();
    expect(await store.list()).toEqual([]);
    expect(await store.remove("a")).toBe(false);
    expect(existsSync(path)).toBe(false);
    await store.set("b", secret("x"));
    expect(await store.get("a")).toBeUndefined();
    expect(await store.remove("a")).toBe(false);
  });

  it("counts versions for each name, also across a removal", async () => {
    expect(await store.set("a", secret("1"))).toBe("v1");
    expect(await store.set("b", secret("1"))).toBe("v1");
    expect(await store.set("a", secret("2"))).toBe("v2");
    expect(await store.remove("a")).toBe(true);
    expect(await store.set("a", secret("3"))).toBe("v3");
  });

  it("lists names, versions and times by name, and no values", async () => {
    await store.set("b", secret("value-of-b"));
    clock.advance(1000);
    await store.set("a", secret("value-of-a"));
    expect(await store.list()).toEqual([
      { name: "a", version: "v1", updatedAt: "2026-01-02T00:00:01.000Z" },
      { name: "b", version: "v1", updatedAt: "2026-01-02T00:00:00.000Z" },
    ]);
  });

  it("keeps every one of many values that are set at once", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.set(`s${i}`, secret(`value ${i}`))));
    expect(await store.list()).toHaveLength(20);
    expect(await textOf("s7")).toBe("value 7");
  });

  it("sees a rotation by another process without a restart, even one of equal length", async () => {
    const other = openStore();
    await other.set("a", secret("first"));
    expect(await textOf("a")).toBe("first");
    await other.set("a", secret("other"));
    expect(await textOf("a")).toBe("other");
    expect((await store.get("a"))?.version).toBe("v2");
    await other.remove("a");
    expect(await store.get("a")).toBeUndefined();
  });

  it("sees a change that leaves size and modification time as they were", async () => {
    await store.set("a", secret("first"));
    const { atime, mtime } = statSync(path);
    expect(await textOf("a")).toBe("first");
    rewrite(({ entries }) => {
      entries.a!.sealed = `AAAA${entries.a!.sealed!.slice(4)}`;
    });
    utimesSync(path, atime, mtime);
    await expect(store.get("a")).rejects.toThrow(cannotBeOpened("a"));
  });

  it("seals each value with its own nonce: one value stored twice looks different", async () => {
    await store.set("a", secret("same"));
    await store.set("b", secret("same"));
    const { a, b } = content().entries;
    expect(a.sealed.slice(0, 16)).not.toBe(b.sealed.slice(0, 16));
    expect(a.sealed.slice(16)).not.toBe(b.sealed.slice(16));
  });

  it("draws key and nonce from the source of randomness that it is given", async () => {
    const seeded = secretFile({ path, keyPath, clock, random: seededRandom("fixed") });
    await seeded.set("a", secret("x"));
    const random = seededRandom("fixed");
    expect(readFileSync(keyPath).equals(random.bytes(32))).toBe(true);
    expect(Buffer.from(content().entries.a.sealed, "base64").subarray(0, 12).equals(random.bytes(12))).toBe(true);
  });
});

describe("the files of a secret store", () => {
  it("have mode 0600, the key 32 bytes", async () => {
    await store.set("a", secret("x"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyPath)).toHaveLength(32);
  });

  it.each(["store", "key"])("are refused when others may read the %s, with the cure", async (which) => {
    await store.set("a", secret("x"));
    const file = which === "store" ? path : keyPath;
    chmodSync(file, 0o640);
    for (const each of [store, openStore()]) {
      await expect(each.get("a")).rejects.toThrow(unusable(`run chmod 600 ${file}`, { path: file, mode: "0640" }));
    }
    await expect(store.set("a", secret("y"))).rejects.toThrow(unusable(`run chmod 600 ${file}`, { path: file, mode: "0640" }));
    chmodSync(file, 0o600);
    expect(await textOf("a")).toBe("x");
  });

  it("are refused with another key, which cannot store either", async () => {
    await store.set("a", secret("x"));
    const otherKey = join(folder, "other-key");
    writeFileSync(otherKey, Buffer.alloc(32, 7), { mode: 0o600 });
    const other = openStore({ keyPath: otherKey });
    await expect(other.get("a")).rejects.toThrow(cannotBeOpened("a"));
    await expect(other.set("b", secret("y"))).rejects.toThrow(cannotBeOpened("a"));
    expect(Object.keys(content().entries)).toEqual(["a"]);
  });

  it("are refused when the key is lost, and no new key is made in its place", async () => {
    await store.set("a", secret("x"));
    rmSync(keyPath);
    await expect(store.get("a")).rejects.toThrow(unusable("the key file is missing", { path: keyPath }));
    await expect(store.set("b", secret("y"))).rejects.toThrow(unusable("the key file is missing", { path: keyPath }));
    expect(existsSync(keyPath)).toBe(false);
  });

  it("are refused with a key of another length", async () => {
    await store.set("a", secret("x"));
    writeFileSync(keyPath, Buffer.alloc(31));
    await expect(store.get("a")).rejects.toThrow(unusable("the key file must hold 32 bytes", { path: keyPath }));
  });

  it("are refused after a change of any byte of an entry, by its name", async () => {
    await store.set("a", secret("a value of some length"));
    await store.set("b", secret("untouched"));
    const { sealed } = content().entries.a;
    const bytes = Buffer.from(sealed, "base64");
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      rewrite(({ entries }) => {
        entries.a!.sealed = changed.toString("base64");
      });
      await expect(store.get("a")).rejects.toThrow(cannotBeOpened("a"));
      expect(await textOf("b")).toBe("untouched");
    }
  });

  // biome-ignore format: a table
  it.each<[string, (entries: Record<string, Record<string, string>>) => unknown]>([
    ["takes another's place", (entries) => Object.assign(entries, { a: entries.b })],
    ["is given another version", (entries) => Object.assign(entries.a!, { version: "v9" })],
    ["is given another time", (entries) => Object.assign(entries.a!, { updatedAt: "2027-01-01T00:00:00.000Z" })],
    ["is cut short", (entries) => Object.assign(entries.a!, { sealed: entries.a!.sealed!.slice(0, 20) })],
    ["is emptied", (entries) => Object.assign(entries.a!, { sealed: "" })],
  ])("are refused when an entry %s", async (_, change) => {
    await store.set("a", secret("value of a"));
    await store.set("b", secret("value of b"));
    rewrite(({ entries }) => change(entries));
    await expect(store.get("a")).rejects.toThrow(cannotBeOpened("a"));
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '{"format":2,"versions":{},"entries":{}}',
    '{"format":1}',
    '{"format":1,"versions":{},"entries":{"a":{}}}',
  ])("are refused when the store holds %j", async (text) => {
    await store.set("a", secret("x"));
    writeFileSync(path, text);
    for (const ask of [store.get("a"), store.list(), store.remove("a"), store.set("a", secret("y"))]) {
      await expect(ask).rejects.toThrow(unusable("this is not a secret store"));
    }
  });

  it("hold no secret in any form", async () => {
    const values = [canary("first"), canary("second")];
    await store.set("a", secret(values[0]!));
    await store.set("a", secret(values[1]!));
    await store.get("a");
    expect(await scanTree(folder, values)).toEqual([]);
  });

  it("would be found to hold one in any form", async () => {
    const value = canary("planted");
    for (const { form, bytes } of canaryForms(value)) {
      writeFileSync(path, Buffer.concat([Buffer.from("{}"), bytes]));
      expect(await scanTree(folder, [value]), form).not.toEqual([]);
    }
  });
});

describe("defaultKeyPath", () => {
  it("follows XDG_CONFIG_HOME, then HOME, then the system's home", () => {
    expect(defaultKeyPath({ XDG_CONFIG_HOME: "/xdg", HOME: "/home/me" })).toBe("/xdg/sallyport/key");
    expect(defaultKeyPath({ XDG_CONFIG_HOME: "", HOME: "/home/me" })).toBe("/home/me/.config/sallyport/key");
    expect(defaultKeyPath({})).toBe(join(homedir(), ".config/sallyport/key"));
  });
});
