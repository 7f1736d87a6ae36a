import { createHash } from "node:crypto";
import { appendFileSync, createReadStream, readFileSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openAuditFile } from "../../../lib/adapters/local/audit-file.js";
import { readLines } from "../../../lib/audit/read-lines.js";
import { verifyChain } from "../../../lib/audit/verify.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { chainLines, denial, outcome, sampleEvents } from "../../audit/events.js";
import { canary, canaryForms, scanTree } from "../../fakes/canary.js";
import { manualClock } from "../../fakes/memory-ports.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";
import { bundleScript, runScript } from "./child.js";

const clock = manualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder(onTestFinished);
  path = join(folder, "audit.jsonl");
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The operations of every file handle, to be made to fail. */
const fileOperations = async (): Promise<FileHandle> => {
  const handle = await open("/dev/null");
  await handle.close();
  return Object.getPrototypeOf(handle);
};
const text = () => readFileSync(path, "utf8");
const verify = () => verifyChain(readLines(createReadStream(path)));
const writeAudit = async (events = sampleEvents) => {
  const audit = await openAuditFile({ path, clock });
  await Promise.all(events.map((event) => audit.append(event)));
  await audit.close();
};
const noSpace = () => Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
const unavailable = (problem: string) => expect.objectContaining({ code: "AUDIT_UNAVAILABLE", status: 503, details: { problem } });
const unusable = (message: string) =>
  expect.objectContaining({ code: "STORE_UNUSABLE", details: { path }, message: expect.stringContaining(message) });

describe("openAuditFile", () => {
  it("writes events as the lines of a chain, to a file of mode 0600", async () => {
    await writeAudit();
    expect(text()).toBe(chainLines(sampleEvents).join("\n") + "\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("has an event in the file when its append resolves", async () => {
    const audit = await openAuditFile({ path, clock });
    await audit.append(outcome);
    expect(text()).toBe(`${chainLines([outcome])[0]}\n`);
    await audit.close();
  });

  it("continues the chain after it was closed", async () => {
    await writeAudit();
    await writeAudit();
    expect(await verify()).toMatchObject({ events: 8, tornLastLine: false });
    expect((await verify()).firstBad).toBeUndefined();
  });

  it("knows its head", async () => {
    await writeAudit();
    const audit = await openAuditFile({ path, clock });
    expect(audit.head()).toEqual((await verify()).head);
    await audit.append(denial);
    expect(audit.head()).toEqual((await verify()).head);
    await audit.close();
  });

  it("writes all events of one turn with one write", async () => {
    const audit = await openAuditFile({ path, clock });
    const write = vi.spyOn(await fileOperations(), "write");
    await Promise.all(Array.from({ length: 500 }, () => audit.append(outcome)));
    expect(write).toHaveBeenCalledTimes(1);
    await audit.close();
    expect(await verify()).toMatchObject({ events: 500 });
  });

  it("reads only the tail of a long file", async () => {
    await writeAudit(Array.from({ length: 2000 }, () => outcome));
    const read = vi.spyOn(await fileOperations(), "read");
    const audit = await openAuditFile({ path, clock });
    const bytesRead = await Promise.all(read.mock.results.map(async ({ value }) => (await value).bytesRead));
    expect(bytesRead.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(statSync(path).size / 10);
    expect(audit.head().seq).toBe(2000);
    await audit.close();
  });

  it("continues after an event longer than the first part of the tail that is read", async () => {
    await writeAudit([denial, { ...denial, details: { text: "x".repeat(300_000) } }]);
    await writeAudit([denial]);
    expect(await verify()).toMatchObject({ events: 3 });
  });

  it("loses no event to details that JSON leaves out, replaces or cannot encode", async () => {
    const audit = await openAuditFile({ path, clock });
    await audit.append({ ...denial, details: { found: undefined, limit: Number.NaN, claim: "a\ud800b", error: new Error("x") } });
    await audit.close();
    expect(JSON.parse(text()).details).toEqual({ limit: null, claim: "a\ufffdb", error: {} });
    expect(await verify()).toMatchObject({ events: 1 });
  });

  it("refuses an event that JSON cannot hold, and only that one", async () => {
    const audit = await openAuditFile({ path, clock });
    const results = await Promise.allSettled([
      audit.append(outcome),
      audit.append({ ...denial, details: { found: 1n } }),
      audit.append({ ...denial, seq: 7 }),
      audit.append(denial),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: unavailable("the event cannot be written as JSON") });
    await audit.close();
    expect(text()).toBe(chainLines([outcome, denial]).join("\n") + "\n");
  });

  it("writes what was appended before it closes, and refuses what comes after", async () => {
    const audit = await openAuditFile({ path, clock });
    const appended = audit.append(outcome);
    await audit.close();
    await appended;
    expect(await verify()).toMatchObject({ events: 1 });
    await expect(audit.append(outcome)).rejects.toThrow(unavailable("the audit file is closed"));
    await expect(audit.close()).resolves.toBeUndefined();
  });
});

describe("an audit file that cannot be written", () => {
  it.each([0, 1, 100])("fails every event of the batch after %i bytes, leaves none of them, and goes on by itself", async (bytes) => {
    const audit = await openAuditFile({ path, clock });
    await audit.append(outcome);
    const before = text();
    const operations = await fileOperations();
    const { write } = operations;
    const spy = vi.spyOn(operations, "write").mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      if (bytes > 0) await Reflect.apply(write, this, [args[0], 0, bytes]);
      throw noSpace();
    });

    const results = await Promise.allSettled([audit.append(denial), audit.append(denial), audit.append(denial)]);
    expect(results).toEqual(Array(3).fill({ status: "rejected", reason: unavailable("the events cannot be written") }));
    expect(text()).toBe(before);

    spy.mockRestore();
    await audit.append(denial);
    await audit.close();
    expect(text()).toBe(chainLines([outcome, denial]).join("\n") + "\n");
  });

  it("takes part of a line back before the next event, when it could not at once", async () => {
    const audit = await openAuditFile({ path, clock });
    await audit.append(outcome);
    const operations = await fileOperations();
    const { write } = operations;
    const spies = [
      vi.spyOn(operations, "write").mockImplementationOnce(async function (this: FileHandle, ...args: unknown[]) {
        await Reflect.apply(write, this, [args[0], 0, 50]);
        throw noSpace();
      }),
      vi.spyOn(operations, "truncate").mockRejectedValue(noSpace()),
    ];
    await expect(audit.append(denial)).rejects.toThrow(unavailable("the events cannot be written"));
    expect(text()).not.toBe(`${chainLines([outcome])[0]}\n`);
    await expect(audit.append(denial)).rejects.toThrow(unavailable("the events cannot be written"));
    for (const spy of spies) spy.mockRestore();
    await audit.append(denial);
    await audit.close();
    expect(text()).toBe(chainLines([outcome, denial]).join("\n") + "\n");
  });

  it("finishes a write of which the system took only a part", async () => {
    const audit = await openAuditFile({ path, clock });
    const operations = await fileOperations();
    const { write } = operations;
    const spy = vi.spyOn(operations, "write").mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      return Reflect.apply(write, this, [args[0], args[1], Math.min(100, (args[0] as Buffer).length - (args[1] as number))]);
    });
    await audit.append(outcome);
    expect(spy.mock.calls.length).toBeGreaterThan(3);
    expect(text()).toBe(`${chainLines([outcome])[0]}\n`);
    await audit.close();
  });

  it("acknowledges nothing after a failed sync until a sync succeeds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const audit = await openAuditFile({ path, clock });
    const spy = vi.spyOn(await fileOperations(), "datasync").mockRejectedValue(new Error("EIO"));
    await audit.append(outcome);
    await vi.advanceTimersByTimeAsync(200);
    expect(spy).toHaveBeenCalledTimes(1);
    await expect(audit.append(denial)).rejects.toThrow(unavailable("the events cannot be written"));
    spy.mockRestore();
    await audit.append(denial);
    await audit.close();
    expect(text()).toBe(chainLines([outcome, denial]).join("\n") + "\n");
  });

  it("syncs at most every 200 ms, and when it is closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const audit = await openAuditFile({ path, clock });
    const sync = vi.spyOn(await fileOperations(), "datasync");
    for (let i = 0; i < 5; i++) await audit.append(outcome);
    await vi.advanceTimersByTimeAsync(199);
    expect(sync).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(sync).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sync).toHaveBeenCalledTimes(1);
    await audit.close();
    expect(sync).toHaveBeenCalledTimes(2);
  });

  const script = bundleScript(
    "audit-disk-full",
    `import { openAuditFile } from "./lib/adapters/local/audit-file.js";
     void (async () => {
       const audit = await openAuditFile({ path: process.argv[2] });
       let written = 0;
       const codes = new Set();
       for (let i = 0; i < 400; i++) await audit.append({ n: i, text: "x".repeat(200) }).then(() => written++, (error) => codes.add(error.code));
       await audit.close();
       process.stdout.write(JSON.stringify({ written, codes: [...codes] }));
     })();`,
    afterAll,
  );

  it("keeps exactly the acknowledged events when the file may grow no further", async () => {
    const { stdout, stderr } = await runScript(script, [path], { maxFileKiB: 64 });
    const { written, codes } = JSON.parse(stdout || stderr);
    expect(codes).toEqual(["AUDIT_UNAVAILABLE"]);
    expect(written).toBeGreaterThan(100);
    expect(await verify()).toMatchObject({ events: written, tornLastLine: false });
  });
});

describe("an audit file after a crash", () => {
  it("has its torn last line replaced by a recovered event, wherever the line was cut", async () => {
    await writeAudit([outcome, denial]);
    const whole = readFileSync(path);
    const firstLine = whole.indexOf("\n") + 1;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: whole.length - 1 }).filter((cut) => cut !== firstLine),
        async (cut) => {
          writeFileSync(path, whole.subarray(0, cut));
          await (await openAuditFile({ path, clock })).close();
          const torn = whole.subarray(cut > firstLine ? firstLine : 0, cut);
          const lines = text().trimEnd().split("\n");
          expect(JSON.parse(lines.at(-1)!)).toMatchObject({
            seq: cut > firstLine ? 2 : 1,
            time: "2026-01-02T03:04:05.678Z",
            kind: "lifecycle",
            action: "recovered",
            details: { tornBytes: torn.length, tornSha256: createHash("sha256").update(torn).digest("hex") },
          });
          expect(await verify()).toMatchObject({ events: lines.length, tornLastLine: false });
        },
      ),
    );
  });

  const script = bundleScript(
    "audit-kill",
    `import { openAuditFile } from "./lib/adapters/local/audit-file.js";
     void (async () => {
       const audit = await openAuditFile({ path: process.argv[2] });
       for (let i = 0; ; i++) await Promise.all([0, 1, 2].map(async (part) => {
         await audit.append({ id: i * 3 + part, text: "x".repeat(500) });
         process.stdout.write(i * 3 + part + "\\n");
       }));
     })();`,
    afterAll,
  );

  it("holds every acknowledged event after kill -9, verifies, and is opened again", async () => {
    const { stdout, signal } = await runScript(script, [path], {
      onOutput: (output, child) => void (output.length > 3000 && child.kill("SIGKILL")),
    });
    expect(signal).toBe("SIGKILL");
    const acknowledged = stdout.slice(0, stdout.lastIndexOf("\n")).split("\n").map(Number);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect((await verify()).firstBad).toBeUndefined();

    await (await openAuditFile({ path, clock })).close();
    const ids = new Set(text().trimEnd().split("\n").map((line) => JSON.parse(line).id)); // biome-ignore format: one chain
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(await verify()).toMatchObject({ tornLastLine: false });
    expect((await verify()).firstBad).toBeUndefined();
  });
});

describe("openAuditFile refuses", () => {
  it("a file that another writer holds, until it is closed", async () => {
    const first = await openAuditFile({ path, clock });
    await expect(openAuditFile({ path, clock })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNUSABLE", details: { path, pid: process.pid }, message: expect.stringContaining("in use") }),
    );
    await first.close();
    await (await openAuditFile({ path, clock })).close();
  });

  // biome-ignore format: a table
  it.each([
    ["a text file", "hello\nworld\n", "not an intact audit event"],
    ["a text without a line end", "hello", "no part of an audit line"],
    ["a JSON file of one line", '{"a":1}', "no part of an audit line"],
    ["a JSON file of several lines", '{\n  "a": 1\n}\n', "not an intact audit event"],
    ["a file of zeros", "\0".repeat(100), "no part of an audit line"],
    ["an empty line", "\n", "not an intact audit event"],
    ["a long text without a line end", "x".repeat(9 * 1024 * 1024), "does not end in lines of an audit"],
  ])("%s, and leaves it as it was", async (_, content, message) => {
    writeFileSync(path, content);
    await expect(openAuditFile({ path, clock })).rejects.toThrow(unusable(message));
    expect(text() === content).toBe(true);
    await expect(openAuditFile({ path, clock })).rejects.toThrow(unusable(message)); // The lock was let go.
  });

  it("a chain whose last event was edited, also before a torn line", async () => {
    await writeAudit();
    const edited = text().replace("ROUTE_UNKNOWN", "ROUTE_HIDDEN!");
    for (const content of [edited, `${edited}{"caller":`]) {
      writeFileSync(path, content);
      await expect(openAuditFile({ path, clock })).rejects.toThrow(unusable("not an intact audit event"));
      expect(text()).toBe(content);
    }
  });

  it("a chain that something else was appended to", async () => {
    await writeAudit();
    appendFileSync(path, "note to self");
    await expect(openAuditFile({ path, clock })).rejects.toThrow(unusable("no part of an audit line"));
  });

  it("a folder", async () => {
    await expect(openAuditFile({ path: folder, clock })).rejects.toThrow(expect.objectContaining({ code: "STORE_UNUSABLE" }));
  });
});

describe("the bytes of an audit file", () => {
  it("hold no secret, even where an event was given one", async () => {
    const secret = canary("audited");
    await writeAudit([{ ...denial, details: { key: new SecretValue(secret), nested: [new SecretValue(secret)] } }]);
    expect(text()).toContain('"key":"[redacted]"');
    expect(await scanTree(folder, [secret])).toEqual([]);
  });

  it("would be found to hold one, as an event's text or in any other form", async () => {
    const secret = canary("planted");
    await writeAudit([{ ...denial, details: { text: secret } }]);
    expect(await scanTree(folder, [secret])).toMatchObject([{ path: "audit.jsonl", place: "content" }]);
    for (const { form, bytes } of canaryForms(secret)) {
      writeFileSync(path, Buffer.concat([Buffer.from(chainLines(sampleEvents)[0]!), bytes]));
      expect(await scanTree(folder, [secret]), form).not.toEqual([]);
    }
  });
});
