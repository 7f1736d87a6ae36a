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

/** What is bundled in place of a whole package. An alias would also rewrite the package's own sub-paths. */
const IN_PLACE_OF = { undici: "undici-pool.cjs", "@aws-sdk/credential-provider-node": "environment-credentials.mjs" };

const slimmed = {
  name: "slimmed",
  setup: (esbuild) =>
    esbuild.onResolve({ filter: /^undici$|^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path: join(root, "test/tools", IN_PLACE_OF[path]),
    })),
};

/** What undici can do without, and does here: HTTP/2, which no upstream is spoken to in, and a parser for machines without SIMD. */
const absent = {
  name: "absent",
  setup(esbuild) {
    const namespace = "absent";
    esbuild.onResolve({ filter: /^node:http2$|\/llhttp-wasm\.js$/ }, ({ path, importer }) =>
      importer.includes("/undici/") ? { path, namespace } : undefined,
    );
    esbuild.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not bundled`)});`,
    }));
  },
};

/**
 * An ES module that imports `node:http` makes Node.js read all that it exports, `WebSocket` too, and for that load an undici
 * of its own, which nothing here uses: 13 ms of a start. `require` reads only what is asked for.
 */
const httpByRequire = {
  name: "http-by-require",
  setup(esbuild) {
    const namespace = "http-by-require";
    esbuild.onResolve({ filter: /^(?:node:)?https?$/ }, ({ path, namespace: importer }) =>
      importer === namespace ? { path, external: true } : { path, namespace },
    );
    esbuild.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(path)});` }));
  },
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
    plugins: [slimmed, absent, httpByRequire],
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
