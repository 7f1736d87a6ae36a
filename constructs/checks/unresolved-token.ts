import { Token } from "../framework.js";
import type { FieldCheck } from "./check.js";

/** A token is a promise that Terraform keeps at apply time; the document is judged, hashed and shipped before that. */
export const unresolvedToken: FieldCheck = ({ name, value }) =>
  Token.isUnresolved(value)
    ? {
        rule: "unresolved-token",
        message: `\`${name}\` is a Terraform token: values known only at apply time never enter the document`,
        cure: "Write the value itself, or look it up before synthesis",
      }
    : undefined;
