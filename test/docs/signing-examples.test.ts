import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as signing from "../../lib/signing/index.js";

const ROOT = resolve(__dirname, "../..");

/** The `@example` blocks of a file's JSDoc. */
const examplesIn = (path: string): string[] =>
  [...readFileSync(join(ROOT, path), "utf8").matchAll(/^ \* @example\n((?: \* .*\n)+)/gm)].map(([, block]) =>
    block!.replace(/^ \* /gm, ""),
  );

describe("the examples of signing profiles", () => {
  it.each([
    ["lib/signing/rfc9421.ts", 2],
    ["lib/signing/template.ts", 1],
    ["lib/signing/hmac.ts", 1],
    ["lib/signing/sigv4/sigv4.ts", 1],
    ["lib/signing/sigv4/sigv4a.ts", 1],
    ["lib/signing/presets/aws.ts", 1],
    ["lib/signing/presets/preset.ts", 1],
  ])("of %s sign what they verify", (path, count) => {
    const examples = examplesIn(path);
    expect(examples).toHaveLength(count);
    for (const example of examples) {
      const exported = Object.entries(signing).filter(([name]) => example.includes(name));
      const run = new Function(...exported.map(([name]) => name), `${example}\nreturn { key, verified };`);
      const { key, verified } = run(...exported.map(([, value]) => value));
      expect(verified).toMatchObject({ keyId: key.id, timestampSeconds: 1_700_000_000 });
    }
  });
});
