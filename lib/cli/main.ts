#!/usr/bin/env node
/** The one place that ends the process: by its exit code, when all that was printed has been written. */
import { processIo } from "./process-io.js";
import { run } from "./run.js";

void run(process.argv.slice(2), processIo()).then((exitCode) => {
  process.exitCode = exitCode;
});
