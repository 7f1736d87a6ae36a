import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const source = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^sallyport$/, replacement: source("lib/index.ts") },
      { find: /^sallyport\/constructs$/, replacement: source("constructs/index.ts") },
      { find: /^sallyport\/(signing|audit|detect)$/, replacement: source("lib/$1/index.ts") },
      { find: /^sallyport\/runtime$/, replacement: source("lib/pipeline/index.ts") },
      { find: /^sallyport\/(aws|local)$/, replacement: source("lib/adapters/$1/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/deploy/**", "test/package/**", "node_modules/**", "dist/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
