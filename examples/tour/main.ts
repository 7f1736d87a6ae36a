/** `npm start`: the main job on one machine, no account needed. `npm start -- --stay` keeps it up until Ctrl-C. */
import { join } from "node:path";
import { tour } from "./tour.js";

const COMMAND_LINE = join(__dirname, "../../lib/cli/main.js");

tour({ gateway: [COMMAND_LINE, "serve"], outdir: "cdktf.out", stay: process.argv.includes("--stay") }).then(
  (passed) => {
    process.exitCode = passed ? 0 : 1;
  },
  (fault: Error) => {
    console.error(`\nThe tour broke off: ${fault.message}`);
    process.exitCode = 1;
  },
);
