import { SallyportError } from "../errors.js";
import { nearest } from "../policy/nearest.js";

/** An argument or file that is not valid. @param message says which, and what was expected */
export const invalidInput = (message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown): SallyportError =>
  new SallyportError("INPUT_INVALID", details, { message, cause });

/** A name that is none of the known ones, with the one that was probably meant. */
export function unknownName(what: string, name: string, known: readonly string[]): SallyportError {
  const near = nearest(name, known);
  const hint = near !== undefined ? `did you mean \`${near}\`?` : known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
  return invalidInput(`the policy has no ${what} \`${name}\`: ${hint}`, { [what]: name });
}
