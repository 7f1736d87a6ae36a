import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { SallyportError } from "../errors.js";

/** Asks on standard error and reads one line of the terminal without echo, so that it stands on no screen and in no log. */
export function promptHidden(question: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true, historySize: 0 });
  process.stderr.write(question);
  return new Promise<string>((resolve, reject) => {
    terminal.once("line", resolve);
    terminal.once("SIGINT", () => terminal.close());
    terminal.once("close", () => reject(new SallyportError("INPUT_INVALID", {}, { message: "nothing was entered" })));
  }).finally(() => {
    terminal.close();
    process.stderr.write("\n");
  });
}
