/** A folder of its own for each test, removed when the test is over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes an empty folder (mode 0700) and returns its path.
 * @param whenDone takes the removal and runs it at the end: vitest's `onTestFinished` or `afterAll`
 * @example const folder = temporaryFolder(onTestFinished);
 */
export function temporaryFolder(whenDone: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-"));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
