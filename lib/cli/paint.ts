import { styleText } from "node:util";
import type { Io, OutputStream } from "./io.js";

export type Format = "bold" | "dim" | "red" | "green" | "yellow";

export type Paint = (format: Format, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Colour on a terminal only, and never where NO_COLOR is set and not empty (no-color.org). */
export const paintFor = (stream: OutputStream, { env }: Io): Paint =>
  stream.isTTY && !env.NO_COLOR ? (format, text) => styleText(format, text, { validateStream: false }) : plain;
