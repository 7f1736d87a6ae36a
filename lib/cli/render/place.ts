import type { Position } from "../../policy/problem.js";

/** `file:line:column`. */
export const place = (position: Position | undefined, otherwise: string): string =>
  position === undefined ? otherwise : `${position.file}:${position.line}:${position.column}`;
