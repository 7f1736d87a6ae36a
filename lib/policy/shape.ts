/**
 * The document against its JSON Schema: every ajv error becomes a problem that says what was expected, what was found
 * and how to mend it. Values that look like a credential are never echoed.
 */
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import schema from "../../schemas/policy.schema.json";
import { MAX_JUDGED_LENGTH, redactCredentials } from "./credential-shape.js";
import type { PolicyDocument } from "./document.generated.js";
import { nearest } from "./nearest.js";
import { type Problem, pointerOf, redactProblem } from "./problem.js";

let compiled: ValidateFunction<PolicyDocument> | undefined;

function validator(): ValidateFunction<PolicyDocument> {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true, strictRequired: false, allowUnionTypes: true });
    addFormats(ajv, ["date", "date-time"]);
    compiled = ajv.compile<PolicyDocument>(schema);
  }
  return compiled;
}

/** @returns every problem of the value's shape; none means that it is a PolicyDocument */
export const checkShape = (value: unknown): readonly Problem[] => shapeErrors(value).map(toProblem);

/** The same as ajv tells it. */
export function shapeErrors(value: unknown): readonly ErrorObject[] {
  const validate = validator();
  return validate(value) ? [] : (validate.errors ?? []).filter((error) => !isEcho(error));
}

type Told = Pick<Problem, "rule" | "message" | "cure"> & { at?: string; expected?: string; found?: string };

const wrongForm = ({ parentSchema }: ErrorObject): Told => ({
  rule: "bad-value",
  message: "the value does not have the form expected",
  cure: `Write ${parentSchema?.description ?? "a value of the form expected"}.`,
});

/** One row an ajv keyword. */
const TOLD: Record<string, (error: ErrorObject) => Told> = {
  additionalProperties: ({ params, parentSchema }) => {
    const known = Object.keys(parentSchema?.properties ?? {});
    const near = nearest(params.additionalProperty, known);
    return {
      rule: "unknown-field",
      at: pointerOf(params.additionalProperty),
      message: `unknown field \`${shown(params.additionalProperty)}\``,
      expected: `one of ${known.join(", ")}`,
      found: shown(params.additionalProperty),
      cure: near === undefined ? "Remove it." : `Write \`${near}\`, or remove it.`,
    };
  },
  required: ({ params, parentSchema }) => ({
    rule: "missing-field",
    message: `the field \`${params.missingProperty}\` is missing`,
    expected: `the fields ${parentSchema?.required.join(", ")}`,
    found: "nothing",
    cure: `Add \`${params.missingProperty}\`.`,
  }),
  discriminator: ({ params, parentSchema }) => ({
    rule: "unknown-kind",
    at: pointerOf("kind"),
    message: params.tagValue === undefined ? "`kind` is missing" : `unknown kind \`${shown(params.tagValue)}\``,
    expected: parentSchema?.description ?? "a known kind",
    found: shown(params.tagValue ?? "nothing"),
    cure: "Set `kind` to one of the kinds named.",
  }),
  type: ({ params, parentSchema }) => ({
    rule: "wrong-type",
    message: "the value has the wrong type",
    expected: parentSchema?.description ?? `${params.type}`,
    cure: `Write a value of type ${params.type}.`,
  }),
  const: ({ params }) => ({
    rule: "bad-value",
    message: "the value is not allowed",
    expected: JSON.stringify(params.allowedValue),
    cure: `Write ${JSON.stringify(params.allowedValue)}.`,
  }),
  enum: ({ params }) => ({
    rule: "bad-value",
    message: "the value is not allowed",
    expected: params.allowedValues.join(" or "),
    cure: `Write ${params.allowedValues.join(" or ")}.`,
  }),
  pattern: wrongForm,
  format: wrongForm,
};

/** A name is told by the keyword that refuses it. */
const badName = ({ propertyName, parentSchema }: ErrorObject): Told => ({
  rule: "bad-name",
  at: pointerOf(propertyName!),
  message: `\`${shown(propertyName)}\` is not a valid name`,
  expected: parentSchema?.description,
  found: shown(propertyName),
  cure: "Rename the entry.",
});

const OTHERWISE = ({ message }: ErrorObject): Told => ({
  rule: "bad-value",
  message: `the value ${message}`,
  cure: "Write a value of the form expected.",
});

/** An error of ajv that only repeats another: of a name, and of a missing `kind`. */
const isEcho = ({ keyword, params, parentSchema }: ErrorObject): boolean =>
  keyword === "propertyNames" || (keyword === "required" && params.missingProperty === parentSchema?.discriminator?.propertyName);

function toProblem(error: ErrorObject): Problem {
  const tell = error.propertyName === undefined ? (TOLD[error.keyword] ?? OTHERWISE) : badName;
  const {
    at = "",
    expected = error.parentSchema?.description ?? "a value of the form expected",
    found = isHash(error) ? "a value" : shown(error.data),
    ...told
  } = tell(error);
  return redactProblem({ severity: "error", pointer: error.instancePath + at, ...told, expected, found });
}

/** Where a token's hash belongs a pasted token may stand, in whatever form. */
const isHash = ({ instancePath }: ErrorObject): boolean => instancePath.endsWith("/sha256");

/** A value as a reader may see it: short, on one line, and never a credential. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "a map";
  const whole = String(value);
  if (whole.length > MAX_JUDGED_LENGTH) return `a text of ${whole.length} characters`;
  const text = redactCredentials(whole).replace(/[\p{C}\s]+/gu, " ");
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
