import { MemoryCommitStore } from "../../lib/signing/replay.js";
import { commitStoreContract } from "./commit-store.js";

commitStoreContract("MemoryCommitStore", (limits) => ({ store: new MemoryCommitStore(limits) }));
