import { type Construct, TerraformStack } from "../framework.js";
import type { Entry, Finding } from "./check.js";

/** Two grants may meet in one name: route `a` with grant `b-c`, and route `a-b` with grant `c`. */
export const duplicateName = (entry: Entry, other: Construct): Finding => ({
  rule: "duplicate-name",
  message: `\`${entry.entryName}\` is already the name of ${other.node.path} in \`${entry.section}\``,
  cure: "Give one of the two another id",
});

/** @throws when `scope` has a child of this id already, with what it is: the framework's own error does not say */
export function freeId(scope: Construct, id: string): string {
  const other = scope.node.tryFindChild(id);
  if (other === undefined) return id;
  const kind = other.constructor.name;
  throw new Error(
    `[${scope.node.path || TerraformStack.of(scope).node.id}] [duplicate-name] the id \`${id}\` is taken by ${other.node.path}, a ${kind}. Use another id.`,
  );
}
