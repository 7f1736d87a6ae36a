import { CONSTRUCT_OF, type FieldCheck } from "./check.js";

/** Props under which other libraries take a value. */
const VALUE_PROP =
  /^(secrets|certificates|routes\/inject\/N)\/(value|plaintext|password|privateKey|secretValue|secretString|secretStringWo|secretBinary)$/;

/** A value in source code ends in version control, `cdktf.out`, plan and state (THREATS 5). The message never repeats it. */
export const literalSecret: FieldCheck = ({ path, name, value, expected }) => {
  const isText = (expected === "secrets" || expected === "certificates") && typeof value === "string";
  if (!isText && !(VALUE_PROP.test(path) && value !== undefined)) return undefined;
  return {
    rule: "literal-secret",
    message: isText ? `\`${name}\` is a text, not ${CONSTRUCT_OF[expected]}` : `\`${name}\` holds a value`,
    cure: "Pass a `Secret` or `Certificate` of this door and store its value out of band; rotate the value if it was a real one",
  };
};
