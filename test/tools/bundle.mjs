/**
 * The Lambda function's archive, without its policy: `dist/lambda/index.mjs` and its chunks, for Node 22. The AWS SDK is
 * bundled, so that what runs is what was tested. No path, time or host name gets in: two builds give the same bytes.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What bundled CommonJS modules need in an ES module. */
const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** An alias would also rewrite undici's own sub-paths. */
const undiciPool = {
  name: "undici-pool",
  setup: (esbuild) => esbuild.onResolve({ filter: /^undici$/ }, () => ({ path: join(root, "test/tools/undici-pool.cjs") })),
};

/** @param folder emptied first */
export async function bundle(folder) {
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { index: "lib/adapters/aws/lambda.ts" },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    plugins: [undiciPool],
    banner: { js: banner },
    legalComments: "none",
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, "dist/lambda"));
  await bundle(folder);
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  console.log(`${folder}: ${sizes.length} files, ${(sizes.reduce((sum, size) => sum + size, 0) / 1024).toFixed(0)} KiB`);
}
