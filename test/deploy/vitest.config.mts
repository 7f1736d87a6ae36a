/** Tests that need a simulated AWS: `npx vitest run --config test/deploy/vitest.config.mts`. */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: { include: ["test/deploy/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
