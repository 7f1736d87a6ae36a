/** Tests of the packed package, which need npm's registry: `npx vitest run --config test/package/vitest.config.mts`. */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: { include: ["test/package/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 600_000 },
});
