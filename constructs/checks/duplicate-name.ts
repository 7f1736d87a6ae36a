import type { Construct } from "../framework.js";
import { type Entry, type Finding, tell } from "./check.js";

/** Two grants may meet in one name: route `a` with grant `b-c`, and route `a-b` with grant `c`. */
export const duplicateName = (entry: Entry, other: Construct): Finding => ({
  rule: "duplicate-name",
  message: `\`${entry.entryName}\` is already the name of ${other.node.path} in \`${entry.section}\``,
  cure: "Give one of the two another id",
});

/** @throws when `scope` has a child of this id already, saying which: the framework's own error does not */
export function freeId(scope: Construct, id: string): string {
  const other = scope.node.tryFindChild(id);
  if (other === undefined) return id;
  const message = `the id \`${id}\` is taken by ${other.node.path}, a ${other.constructor.name}`;
  throw new Error(`[${scope.node.path}] ${tell({ rule: "duplicate-name", message, cure: "Use another id" })}`);
}
