import { Construct } from "../framework.js";
import { CONSTRUCT_OF, type FieldCheck, fieldName, isEntry } from "./check.js";

/** A name alone could hit an entry of the same name in this door: what is named must be this door's own construct. */
export const unknownReference: FieldCheck = ({ entry, path, value, expected }) => {
  if (value === undefined || (expected === undefined && !(value instanceof Construct))) return undefined;
  const told = (message: string, cure: string) => ({ rule: "unknown-reference", message, cure });
  const field = `\`${fieldName(path)}\``;
  const wanted = expected === undefined ? "a plain value" : CONSTRUCT_OF[expected];
  if (!isEntry(value) || value.section !== expected) {
    const found = isEntry(value) ? `${CONSTRUCT_OF[value.section]} (${value.node.path})` : `a ${typeof value}`;
    return told(`${field} is ${found} where ${wanted} is expected`, `Pass ${wanted} of this door`);
  }
  if (value.door !== entry.door) {
    return told(
      `${field} names ${value.node.path}, which belongs to another door`,
      `Create ${wanted} on ${entry.door.node.path} and pass that`,
    );
  }
  return undefined;
};
