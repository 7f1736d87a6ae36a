import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { secretFile } from "../../lib/adapters/local/secret-file.js";
import { canary, expectNoCanary, scanTree } from "../fakes/canary.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { type FakeWorld, runCli } from "./fake-io.js";

function store() {
  const folder = temporaryFolder(onTestFinished);
  const path = join(folder, "secrets.json");
  const keyPath = join(folder, "key");
  const words = ["--secrets", path, "--key-file", keyPath];
  return {
    folder,
    path,
    keyPath,
    set: (args: readonly string[], world: FakeWorld) => runCli(["secrets", "set", ...words, ...args], world),
    list: (...args: readonly string[]) => runCli(["secrets", "list", ...words, ...args]),
    read: async (name: string) => (await secretFile({ path, keyPath }).get(name))?.value.revealBytes(),
  };
}

test("stores what is piped in, sealed, and shows it nowhere", async () => {
  const value = canary("piped");
  const { folder, path, set, read } = store();
  const { exitCode, out, err } = await set(["vendor-key"], { stdin: `${value}\n` });
  expect([exitCode, out, err]).toEqual([0, `stored vendor-key v1 in ${path}\n`, ""]);
  expect((await read("vendor-key"))?.toString()).toBe(value);
  expect(await scanTree(folder, [value])).toEqual([]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

// biome-ignore format: one row a case
test.each([
  ["one line end", "0123456789ab\n", "0123456789ab"],
  ["one line end of Windows", "0123456789ab\r\n", "0123456789ab"],
  ["only the last of two", "0123456789ab\n\n", "0123456789ab\n"],
  ["no other white space", " 0123456789ab \t", " 0123456789ab \t"],
  ["no lone carriage return", "0123456789ab\r", "0123456789ab\r"],
] as const)("strips %s", async (_, stdin, stored) => {
  const { set, read } = store();
  expect(await set(["a"], { stdin })).toMatchObject({ exitCode: 0 });
  expect((await read("a"))?.toString()).toBe(stored);
});

test("keeps bytes that are no text", async () => {
  const { set, read } = store();
  const bytes = Buffer.from([0, 255, 128, 10, 13, 1, 2, 3, 4, 5, 6, 7, 8]);
  await set(["a"], { stdin: bytes });
  expect(await read("a")).toEqual(bytes);
});

test("on a terminal asks twice and stores when both entries agree", async () => {
  const { set, read } = store();
  const { exitCode, questions } = await set(["a"], { answers: ["typed-value-1", "typed-value-1"] });
  expect([exitCode, questions]).toEqual([0, ["Value of a: ", "The same again: "]]);
  expect((await read("a"))?.toString()).toBe("typed-value-1");
});

test("stores nothing when the entries differ, and shows neither", async () => {
  const [one, other] = [canary("one"), canary("other")];
  const { set, read } = store();
  const { exitCode, out, err } = await set(["a"], { answers: [one, other] });
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toContain("the two entries differ; nothing was stored");
  expectNoCanary("standard error", err, [one, other]);
  expect(await read("a")).toBeUndefined();
});

test.each([
  ["an argument", (value: string) => ["vendor-key", value]],
  ["an option", (value: string) => ["vendor-key", `--value=${value}`]],
  ["an option's word", (value: string) => ["vendor-key", "--value", value]],
  ["a word with a dash before it", (value: string) => ["vendor-key", `-${value}`]],
  ["a value before the name", (value: string) => [value, "vendor-key"]],
] as const)("refuses a value given as %s, says why, and does not echo it", async (_, words) => {
  const value = canary("argument");
  const { set, read } = store();
  const { exitCode, out, err } = await set(words(value), { stdin: "from-standard-input" });
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toContain("a value is never an argument");
  expect(err).toContain("rotate it");
  expectNoCanary("standard error", err, [value]);
  expect(await read("vendor-key")).toBeUndefined();
});

test("refuses a value in place of the name without an echo", async () => {
  const value = canary("name");
  const { exitCode, err } = await store().set([value], { stdin: "x" });
  expect(exitCode).toBe(2);
  expect(err).toContain("the name must be the policy's");
  expectNoCanary("standard error", err, [value]);
});

test("refuses an empty value, and warns of one too short to be injected", async () => {
  const { set } = store();
  expect(await set(["a"], { stdin: "\n" })).toMatchObject({ exitCode: 2, err: expect.stringContaining("the value is empty") });
  expect(await set(["a"], { stdin: "0123456789ab" })).toMatchObject({ exitCode: 0, err: "" });
  expect(await set(["a"], { stdin: "0123456789a" })).toMatchObject({
    exitCode: 0,
    err: "warning: the value has fewer than 12 bytes: it can sign, but the door refuses to inject it\n",
  });
});

test("lists names, versions and dates, as tabs or as JSON", async () => {
  const { set, list } = store();
  for (const name of ["b", "a", "b"]) await set([name], { stdin: "0123456789ab" });
  expect(await list()).toMatchObject({ exitCode: 0, out: "a\tv1\t2026-01-15T12:00:00.000Z\nb\tv2\t2026-01-15T12:00:00.000Z\n", err: "" });
  expect(JSON.parse((await list("--json")).out)).toEqual([
    { name: "a", version: "v1", updatedAt: "2026-01-15T12:00:00.000Z" },
    { name: "b", version: "v2", updatedAt: "2026-01-15T12:00:00.000Z" },
  ]);
});

test("an empty store lists nothing on standard output, and says so beside it", async () => {
  const { list, path } = store();
  expect(await list()).toMatchObject({ exitCode: 0, out: "", err: `warning: ${path} holds no secrets\n` });
  expect(await list("--json")).toMatchObject({ exitCode: 0, out: "[]\n" });
});

test("a store that others can read is a failure with the way out", async () => {
  const { path, list } = store();
  writeFileSync(path, "{}", { mode: 0o644 });
  expect(await list()).toMatchObject({
    exitCode: 1,
    out: "",
    err: expect.stringContaining(`run chmod 600 ${path} (STORE_UNUSABLE)\n  cure: `),
  });
});
