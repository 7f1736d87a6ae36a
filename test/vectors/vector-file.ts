/** Public conformance data, read in place and never committed. Own cases run without it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.SALLYPORT_VECTORS ?? "../shared/vectors";

/** The path of a file or folder of vectors, or undefined, said aloud, where the data is not there. */
export function vectorPath(name: string): string | undefined {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  console.warn(`${path} is not there: its cases do not run. Set SALLYPORT_VECTORS to the folder that holds them.`);
  return undefined;
}
