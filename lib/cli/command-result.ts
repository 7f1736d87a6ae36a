import type { ExitCode } from "./exit-code.js";

/** What a command did, as data: `render` prints it, only `main` exits. */
export interface CommandResult<Kind extends string, Data> {
  readonly exitCode: ExitCode;
  readonly kind: Kind;
  readonly data: Data;
  /** Said beside the result, on standard error. */
  readonly warnings?: readonly string[];
}
