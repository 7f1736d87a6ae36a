/**
 * What the checks can read of a document whose shape is refused, so that all its problems are told in one run. Cut out
 * is what would surprise a check: an unknown field, a value of the wrong type, an object without what it must have, up
 * to the whole entry. A value that only has the wrong form stays.
 */
import type { ErrorObject } from "ajv/dist/2020.js";
import type { PolicyDocument } from "./document.generated.js";
import { nearest } from "./nearest.js";
import { pointerOf, pointerSegments } from "./problem.js";
import { shapeErrors } from "./shape.js";

export interface ReadablePart {
  readonly document: PolicyDocument;
  /** Pointers of what was refused, cut or not; of a misspelled field, what was probably meant. */
  readonly refused: readonly string[];
}

type Fields = Record<string, unknown>;

/** Keywords that narrow a value of the right type. */
const OF_FORM: ReadonlySet<string> = new Set(["pattern", "format", "minimum", "maximum"]);

/** In place of a required field that no check draws a conclusion from, so that its entry need not go. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  "/version": 1,
  "/name": "door",
  "/environment": "dev",
  "/callers": {},
  "/routes": {},
  "/grants": {},
  "/routes/*/owner": "owner",
  "/secrets/*/source": { kind: "managed" },
  "/certificates/*/source": { kind: "managed" },
};

/** @param value one that `checkShape` has problems with */
export function readablePart(value: unknown): ReadablePart {
  const document = typeof value === "object" && value !== null && !Array.isArray(value) ? (copyOf(value) as Fields) : {};
  const refused: string[] = [];
  for (;;) {
    const errors = shapeErrors(document);
    const surprising = errors.filter(({ keyword }) => !OF_FORM.has(keyword));
    if (surprising.length === 0) {
      const ofForm = errors.filter(({ propertyName }) => propertyName === undefined).map(({ instancePath }) => instancePath);
      return { document: document as unknown as PolicyDocument, refused: [...refused, ...ofForm] };
    }
    for (const error of surprising) refused.push(...mend(document, error));
  }
}

/** @returns the pointer of what is now missing where a check may look for it */
function mend(document: Fields, { keyword, instancePath, params, parentSchema }: ErrorObject): string[] {
  const at = pointerSegments(instancePath);
  if (keyword === "additionalProperties") {
    delete nodeAt(document, at)?.[params.additionalProperty];
    const meant = nearest(params.additionalProperty, Object.keys(parentSchema?.properties ?? {}));
    return meant === undefined ? [] : [pointerOf(...at, meant)];
  }
  const place = keyword === "required" ? [...at, params.missingProperty as string] : at;
  const standIn = STAND_INS[pointerOf(...place.map((segment, depth) => (depth === 1 ? "*" : segment)))];
  if (standIn === undefined) return cut(document, at);
  const parent = nodeAt(document, place.slice(0, -1));
  if (parent !== undefined) parent[place.at(-1)!] = standIn;
  return place.length === 1 ? [pointerOf(...place)] : [];
}

/** A list goes whole, for what stands behind a lost item would be told at another's place. */
function cut(document: Fields, at: readonly string[]): string[] {
  const inList = at.findIndex((_, depth) => Array.isArray(nodeAt(document, at.slice(0, depth))));
  const place = inList < 0 ? at : at.slice(0, inList);
  delete nodeAt(document, place.slice(0, -1))?.[place.at(-1)!];
  return [pointerOf(...place)];
}

/** Unlike `structuredClone`, leaves in what no document can hold, such as a function, for the shape to refuse. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, copyOf(child)]));
}

const nodeAt = (document: Fields, at: readonly string[]): Fields | undefined =>
  at.reduce<Fields | undefined>((node, segment) => node?.[segment] as Fields | undefined, document);
