/** Public registry and attack data, read in place and never committed. Own cases run without it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.SALLYPORT_CORPORA ?? "../shared/corpora";

/** The file's text, or undefined, said aloud, where the data is not there. */
export function corpusText(name: string): string | undefined {
  const path = join(folder, name);
  if (existsSync(path)) return readFileSync(path, "utf8");
  console.warn(`${path} is not there: its cases do not run. Set SALLYPORT_CORPORA to the folder that holds them.`);
  return undefined;
}
