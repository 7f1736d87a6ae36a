import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createPrivateFile, readPrivateFile, replacePrivateFile } from "../../../lib/adapters/local/private-file.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(onTestFinished), "sub", "file");
});

describe("a private file", () => {
  it("is made with mode 0600 in a folder of mode 0700", () => {
    replacePrivateFile(path, "x");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    expect(readPrivateFile(path)?.toString()).toBe("x");
  });

  it("is undefined when it is not there", () => {
    expect(readPrivateFile(path)).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o660, 0o610, 0o602, 0o777])("is refused with mode %o, with the cure", (mode) => {
    replacePrivateFile(path, "x");
    chmodSync(path, mode);
    expect(() => readPrivateFile(path)).toThrow(
      expect.objectContaining({
        code: "STORE_UNUSABLE",
        details: { path, mode: `0${mode.toString(8)}` },
        message: expect.stringContaining(`run chmod 600 ${path}`),
      }),
    );
  });

  it("is replaced whole, and leaves nothing beside it", () => {
    replacePrivateFile(path, "first");
    const before = statSync(path).ino;
    replacePrivateFile(path, "second");
    expect(readFileSync(path, "utf8")).toBe("second");
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(join(path, ".."))).toEqual(["file"]);
  });

  it("is created only where none is", () => {
    expect(createPrivateFile(path, "first")).toBe(true);
    expect(createPrivateFile(path, "second")).toBe(false);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(readdirSync(join(path, ".."))).toEqual(["file"]);
  });

  it("cannot stand where a folder stands", () => {
    mkdirSync(path, { recursive: true });
    expect(() => replacePrivateFile(path, "x")).toThrow(expect.objectContaining({ code: "STORE_UNUSABLE", details: { path } }));
    expect(() => readPrivateFile(path)).toThrow(expect.objectContaining({ code: "STORE_UNUSABLE" }));
    expect(readdirSync(join(path, ".."))).toEqual(["file"]);
  });

  it("takes over what an earlier crash left of a write", () => {
    replacePrivateFile(path, "old");
    const leftover = `${path}.${process.pid}.tmp`;
    writeFileSync(leftover, "half", { mode: 0o644 });
    replacePrivateFile(path, "new");
    expect(readPrivateFile(path)?.toString()).toBe("new");
    expect(existsSync(leftover)).toBe(false);
  });
});
