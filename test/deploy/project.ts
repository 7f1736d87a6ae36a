/** The project's folder, the same from the sources and from the build. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export const PROJECT = folderWith("package.json", __dirname);

function folderWith(name: string, folder: string): string {
  return existsSync(join(folder, name)) ? folder : folderWith(name, dirname(folder));
}
