/** README's text and code blocks, so that tests run what stands there and nothing is written twice. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");
export const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** @param language with whatever stands behind it, such as `ts runnable` */
export const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text!);

/** The policy document that shows one of every part. */
export const README_POLICY = { text: blocks("yaml")[0]!, file: "README.md" };
