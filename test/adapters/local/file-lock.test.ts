import { spawnSync } from "node:child_process";
import { linkSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { acquireFileLock } from "../../../lib/adapters/local/file-lock.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";
import { bundleScript, runScript } from "./child.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder(onTestFinished);
  path = join(folder, "file");
});
const goneProcess = () => spawnSync(process.execPath, ["-e", ""]).pid;
const inUse = (pid: number) =>
  expect.objectContaining({ code: "STORE_UNUSABLE", details: { path, pid }, message: expect.stringContaining(`in use by process ${pid}`) });

describe("acquireFileLock", () => {
  it("refuses a second holder and names the first", () => {
    const release = acquireFileLock(path);
    expect(() => acquireFileLock(path)).toThrow(inUse(process.pid));
    release();
    acquireFileLock(path)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses while another process lives", () => {
    const start = readFileSync(`/proc/${process.ppid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[19];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    writeFileSync(`${path}.lock`, `${process.ppid} ${boot}/${start}`);
    expect(() => acquireFileLock(path)).toThrow(inUse(process.ppid));
  });

  it("takes over a lock from before the last boot, though its process id is used again", () => {
    writeFileSync(`${path}.lock`, "1 00000000-0000-0000-0000-000000000000/2");
    acquireFileLock(path)();
  });

  it("takes over the lock of a process that is gone", () => {
    writeFileSync(`${path}.lock`, `${goneProcess()} 1`);
    const release = acquireFileLock(path);
    expect(readFileSync(`${path}.lock`, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    expect(readdirSync(folder)).toEqual(["file.lock"]);
    release();
  });

  it("takes over the lock of an earlier process that had the same id, as the first process of a container has", () => {
    writeFileSync(`${path}.lock`, `${process.pid} 1`);
    expect(() => acquireFileLock(path)).not.toThrow();
  });

  it("leaves the lock to another process that is just taking it over", () => {
    const pid = goneProcess();
    writeFileSync(`${path}.lock`, `${pid} 1`);
    linkSync(`${path}.lock`, `${path}.lock.${pid}-1`);
    expect(() => acquireFileLock(path)).toThrow(inUse(pid));
  });

  it("refuses a lock that it cannot read as one", () => {
    writeFileSync(`${path}.lock`, "?");
    expect(() => acquireFileLock(path)).toThrow(expect.objectContaining({ code: "STORE_UNUSABLE" }));
  });

  const script = bundleScript(
    "file-lock",
    `import { acquireFileLock } from "./lib/adapters/local/file-lock.js";
     try { acquireFileLock(process.argv[2]); process.stdout.write("held"); process.stdin.resume(); }
     catch (error) { process.stdout.write(error.code); }`,
    afterAll,
  );

  it("lets exactly one of six processes take over a stale lock", async () => {
    writeFileSync(`${path}.lock`, `${goneProcess()} 1`);
    const spoken: { kill(): boolean }[] = [];
    const onOutput = (_: string, child: { kill(): boolean }) => {
      if (spoken.push(child) === 6) for (const each of spoken) each.kill(); // Not before: a winner that ends makes room for another.
    };
    const results = await Promise.all(Array.from({ length: 6 }, () => runScript(script, [path], { onOutput })));
    expect(results.map(({ stdout }) => stdout).sort()).toEqual([...Array(5).fill("STORE_UNUSABLE"), "held"]);
  });

  it("takes over from a process that was killed", async () => {
    const { signal } = await runScript(script, [path], { onOutput: (_, child) => child.kill("SIGKILL") });
    expect(signal).toBe("SIGKILL");
    expect(readdirSync(folder)).toEqual(["file.lock"]);
    acquireFileLock(path)();
  });
});
