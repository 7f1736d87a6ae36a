/**
 * Writes what is derived from the schemas: TypeScript types. `--check` writes nothing and fails when a committed file
 * is stale, so that the schema stays the one source.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compileFromFile } from "json-schema-to-typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bannerComment = "// Generated from the schema of the same name by `npm run generate`. Do not edit.";
const derived = [{ schema: "schemas/policy.schema.json", types: "lib/policy/document.generated.ts" }];

let stale = false;
for (const { schema, types } of derived) {
  const text = await compileFromFile(root + schema, {
    bannerComment,
    ignoreMinAndMaxItems: true,
    additionalProperties: false,
    format: true,
    style: { printWidth: 140 },
  });
  const current = await readFile(root + types, "utf8").catch(() => "");
  if (text === current) continue;
  if (process.argv.includes("--check")) {
    console.error(`${types} is stale: run \`npm run generate\` and commit it.`);
    stale = true;
  } else {
    await writeFile(root + types, text);
    console.log(`wrote ${types}`);
  }
}
process.exitCode = stale ? 1 : 0;
