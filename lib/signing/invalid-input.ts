/** The fault of a program that asks for what cannot be signed, verified or held: its message names the part and the cure. */
import { type ErrorDetails, SallyportError } from "../errors.js";

export const invalidInput = (details: ErrorDetails): SallyportError =>
  new SallyportError("INPUT_INVALID", details, { message: `${details.part}: expected ${details.expected}` });
