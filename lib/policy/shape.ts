/**
 * The document against its JSON Schema: every ajv error becomes a problem that says what was expected, what was found
 * and how to mend it. Values that look like a credential are never echoed.
 */
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { distance } from "fastest-levenshtein";
import schema from "../../schemas/policy.schema.json";
import { looksLikeCredential } from "./credential-shape.js";
import type { PolicyDocument } from "./document.generated.js";
import { type Problem, pointerOf } from "./problem.js";

let compiled: ValidateFunction<PolicyDocument> | undefined;

function validator(): ValidateFunction<PolicyDocument> {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true, strictRequired: false, allowUnionTypes: true });
    addFormats(ajv, ["date"]);
    compiled = ajv.compile<PolicyDocument>(schema);
  }
  return compiled;
}

/** @returns every problem of the value's shape; none means that it is a PolicyDocument */
export function checkShape(value: unknown): readonly Problem[] {
  const validate = validator();
  return validate(value) ? [] : (validate.errors ?? []).flatMap(toProblem);
}

type Told = Pick<Problem, "rule" | "message" | "cure"> & { at?: string; expected?: string };

/** One row an ajv keyword. A keyword that another one reports better has no row of its own. */
const TOLD: Record<string, (error: ErrorObject) => Told> = {
  additionalProperties: ({ params, parentSchema }) => {
    const known = Object.keys(parentSchema?.properties ?? {});
    const near = nearest(params.additionalProperty, known);
    return {
      rule: "unknown-field",
      at: pointerOf(params.additionalProperty),
      message: `unknown field \`${shown(params.additionalProperty)}\``,
      expected: `one of ${known.join(", ")}`,
      cure: near === undefined ? "Remove it." : `Write \`${near}\`, or remove it.`,
    };
  },
  required: ({ params }) => ({
    rule: "missing-field",
    message: `the field \`${params.missingProperty}\` is missing`,
    cure: `Add \`${params.missingProperty}\`.`,
  }),
  propertyNames: ({ params }) => ({
    rule: "bad-name",
    at: pointerOf(params.propertyName),
    message: `\`${shown(params.propertyName)}\` is not a valid name`,
    expected: "a name of 1 to 63 lower-case letters, digits and hyphens that starts with a letter",
    cure: "Rename the entry.",
  }),
  discriminator: ({ params, parentSchema }) => ({
    rule: "unknown-kind",
    at: pointerOf("kind"),
    message: params.tagValue === undefined ? "`kind` is missing" : `unknown kind \`${shown(params.tagValue)}\``,
    expected: parentSchema?.description ?? "a known kind",
    cure: "Set `kind` to one of the kinds named.",
  }),
  type: ({ params }) => ({
    rule: "wrong-type",
    message: "the value has the wrong type",
    expected: `${params.type}`,
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
};

const OTHERWISE = ({ message }: ErrorObject): Told => ({
  rule: "bad-value",
  message: `the value ${message}`,
  cure: "Write a value of the form expected.",
});

function toProblem(error: ErrorObject): Problem[] {
  if (error.propertyName !== undefined && error.keyword !== "propertyNames") return [];
  const { at = "", expected = error.parentSchema?.description, ...told } = (TOLD[error.keyword] ?? OTHERWISE)(error);
  const found =
    error.keyword === "required" || error.keyword === "additionalProperties" || error.keyword === "propertyNames"
      ? undefined
      : shown(error.data);
  return [
    {
      severity: "error",
      pointer: error.instancePath + at,
      ...told,
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
    },
  ];
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const best = known
    .map((candidate) => ({ candidate, away: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away)[0];
  return best !== undefined && best.away <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** A value as a reader may see it: short, on one line, and never a credential. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "a map";
  const text = typeof value === "string" ? value : String(value);
  if (looksLikeCredential(text)) return "[redacted]";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
