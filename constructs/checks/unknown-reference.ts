import { Construct } from "../framework.js";
import { CONSTRUCT_OF, type FieldCheck, isEntry } from "./check.js";

/** A name alone could hit an entry of the same name in this door: what is named must be this door's own construct. */
export const unknownReference: FieldCheck = ({ entry, name, value, expected }) => {
  if (value === undefined || (expected === undefined && !(value instanceof Construct))) return undefined;
  const told = (message: string, cure: string) => ({ rule: "unknown-reference", message, cure });
  const field = `\`${name}\``;
  if (expected === undefined) return told(`${field} is ${kindOf(value)} where a plain value is expected`, "Pass a plain value");
  const wanted = CONSTRUCT_OF[expected];
  if (!isEntry(value) || value.section !== expected) {
    return told(`${field} is ${kindOf(value)} where ${wanted} is expected`, `Pass ${wanted} of this door`);
  }
  if (value.door !== entry.door) {
    return told(
      `${field} names ${value.node.path}, which belongs to another door`,
      `Create ${wanted} on ${entry.door.node.path} and pass that`,
    );
  }
  return undefined;
};

function kindOf(value: unknown): string {
  if (isEntry(value)) return `${CONSTRUCT_OF[value.section]} (${value.node.path})`;
  if (value instanceof Construct) return `a ${value.constructor.name} (${value.node.path})`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return value === null ? "null" : Array.isArray(value) ? "a list" : "an object";
}
