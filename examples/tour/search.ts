/** Searches everything that the tour printed or wrote for its credentials, in every rendered form. */
import { findCanary, scanTree } from "../../test/fakes/canary.js";

export interface Channels {
  /** What was printed, by who printed it. */
  readonly printed: Readonly<Record<string, string>>;
  /** Folders that were written. */
  readonly folders: readonly string[];
}

/** @returns where a credential was found; never the credential */
export async function searchFor(secrets: readonly string[], { printed, folders }: Channels): Promise<string[]> {
  const told = Object.entries(printed).filter(([, text]) => findCanary(text, secrets).length > 0);
  const written = await Promise.all(folders.map((folder) => scanTree(folder, secrets)));
  return [...new Set([...told.map(([who]) => `what ${who} printed`), ...written.flat().map(({ path }) => path)])];
}
