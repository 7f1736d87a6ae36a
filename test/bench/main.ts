/** `npm run bench`: one JSON line a comparison on standard output, progress on standard error. */
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.js";
import { FULL, QUICK } from "./measure.js";

const USAGE = `npm run bench [-- [--quick] [--only NAME]…]; NAME is one of ${Object.keys(BENCHES).join(", ")}`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, only: { type: "string", multiple: true } } });
  const names = values.only ?? Object.keys(BENCHES);
  for (const name of names) if (!Object.hasOwn(BENCHES, name)) throw new Error(`no benchmark is named \`${name}\``);
  for (const name of names) {
    for (const line of await BENCHES[name]!(values.quick ? QUICK : FULL)) process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n${USAGE}\n`);
  process.exitCode = 1;
});
