import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openLmdbCommitStore } from "../../lib/adapters/local/lmdb-commit-store.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { commitStoreContract } from "./commit-store.js";

commitStoreContract("LmdbCommitStore", (limits) => {
  const store = openLmdbCommitStore({ path: join(temporaryFolder(onTestFinished), "commits"), ...limits });
  return { store, close: () => store.close() };
});
