import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version in the package that this file belongs to. */
export function packageVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (name === "sallyport") return version;
    } catch {
      // Not here: one folder up.
    }
  }
  return "unknown";
}
