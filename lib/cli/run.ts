/** One run of the command line: words in, exit code out. Nothing here ends the process, so that tests run it as it is. */
import { CommanderError } from "commander";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";
import { faultReport } from "./fault-report.js";
import type { Io } from "./io.js";
import { buildProgram } from "./program.js";
import { print } from "./render.js";

/** @param words the arguments after the program's name */
export async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;

  const fail = (fault: unknown, asJson: boolean): void => {
    exitCode = exitCodeOf(fault);
    print({ kind: "fault", data: faultReport(fault) }, asJson, io);
    if (io.env.SALLYPORT_DEBUG === "1" && fault instanceof Error) io.stderr.write(`${fault.stack}\n`);
  };
  const program = buildProgram(async (asJson = false, command) => {
    try {
      const result = await command(io, (output) => print(output, asJson, io));
      exitCode = result.exitCode;
      print(result, asJson, io);
    } catch (fault) {
      fail(fault, asJson);
    }
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  }

  try {
    await program.parseAsync(words, { from: "user" });
  } catch (fault) {
    // Commander has said what is wrong already.
    if (fault instanceof CommanderError) exitCode = fault.exitCode === 0 ? EXIT.ok : EXIT.invalid;
    else fail(fault, false);
  }
  return exitCode;
}
