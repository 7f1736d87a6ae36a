/** A document as YAML: the inverse of parsing. Requests stand as block lists, for `{id}` means a map in a flow list. */
import { stringify } from "yaml";
import type { PolicyDocument } from "./document.generated.js";

export const printPolicy = (document: PolicyDocument): string =>
  stringify(document, { version: "1.2", schema: "core", lineWidth: 0, aliasDuplicateObjects: false });
