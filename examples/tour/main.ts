/** `npm start`: the main job on one machine, no account needed. `npm start -- --stay` keeps it up until Ctrl-C. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tour } from "./tour.js";

const COMMAND_LINE = join(__dirname, "../../lib/cli/main.js");
const USAGE = `Usage: npm start            show the tour
       npm start -- --stay  and keep gateway and upstream up until Ctrl-C`;

async function main(): Promise<number> {
  let stay: boolean;
  try {
    stay = parseArgs({ options: { stay: { type: "boolean", default: false } } }).values.stay;
  } catch (fault) {
    console.error(`${(fault as Error).message}\n${USAGE}`);
    return 2;
  }
  return (await tour({ gateway: [COMMAND_LINE, "serve"], outdir: "cdktf.out", stay })) ? 0 : 1;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (fault: Error) => {
    console.error(`\nThe tour broke off: ${fault.message}`);
    process.exitCode = 1;
  },
);
