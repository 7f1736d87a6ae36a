import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { searchFor } from "../../examples/tour/search.js";
import { canary, canaryForms } from "../fakes/canary.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";

const secret = canary("planted");
const forms = canaryForms(secret).map(({ form, bytes }) => [form, Buffer.from(bytes)] as const);

/** Where `npm start` and synthesis write. */
const FILES = [
  "state/audit.jsonl",
  "state/commits/data.mdb",
  "secrets.json",
  "stacks/payments/cdk.tf.json",
  "stacks/payments/door.policy.json",
];

describe("the search over all that the tour printed and wrote", () => {
  it("finds nothing where nothing was planted", async () => {
    const folder = temporaryFolder(onTestFinished);
    for (const file of FILES) write(folder, file, "nothing to see");
    expect(await searchFor([secret], { printed: { "the tour": "nothing", "the gateway": "nothing" }, folders: [folder] })).toEqual([]);
  });

  describe.each(forms)("planted as %s", (_, bytes) => {
    it.each(["the tour", "the gateway"])("is found in what %s printed", async (who) => {
      const found = await searchFor([secret], { printed: { [who]: `before ${bytes.toString("latin1")} after` }, folders: [] });
      expect(found).toEqual([`what ${who} printed`]);
    });

    it.each(FILES)("is found in %s", async (file) => {
      const folder = temporaryFolder(onTestFinished);
      write(folder, file, Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')]));
      expect(await searchFor([secret], { printed: {}, folders: [folder] })).toEqual([file]);
    });
  });
});

function write(folder: string, file: string, content: string | Buffer): void {
  const path = join(folder, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
}
