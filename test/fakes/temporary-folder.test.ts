import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

it("makes a private empty folder and removes it with its content when done", () => {
  let remove = () => {};
  const folder = temporaryFolder((removal) => {
    remove = removal;
    onTestFinished(removal);
  });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, "file"), "content");
  remove();
  expect(existsSync(folder)).toBe(false);
});

it("gives each caller a folder of its own", () => {
  expect(temporaryFolder(onTestFinished)).not.toBe(temporaryFolder(onTestFinished));
});
