/**
 * Policy text, with overlays, to a document. An overlay replaces whole named entries of the base and the top-level
 * scalars, and never merges deeper, so that what stands in force can be read off one file.
 */
import { type Problem, pointerOf } from "./problem.js";
import { type PolicyText, readPolicyText } from "./read.js";
import { type Validated, validateDocument } from "./validate.js";

export interface PolicySource {
  readonly text: string;
  /** The name that positions carry. */
  readonly file: string;
}

/**
 * @param sources the base, then its overlays
 * @param options.today the date as YYYY-MM-DD by which waivers expire
 */
export function parsePolicy(sources: readonly PolicySource[], options: { readonly today: string }): Validated {
  const texts = sources.map(({ text, file }) => readPolicyText(text, file));
  const unread = texts.flatMap(({ problems }) => problems);
  if (texts.length === 0 || texts.some(({ value }) => value === undefined)) return { document: undefined, problems: unread };

  const merged = texts.slice(1).reduce((base, overlay) => applyOverlay(base, overlay), { ...texts[0]!, problems: unread });
  const { document, problems } = validateDocument(merged.value, options);
  const located = problems.map((problem): Problem => ({ ...problem, position: merged.positionOf(problem.pointer) }));
  const broken = new Set(unread.map(({ position }) => `${position?.file}:${position?.line}`));
  return {
    document: unread.length + merged.problems.length > 0 ? undefined : document,
    problems: [...merged.problems, ...located.filter(({ position }) => !broken.has(`${position?.file}:${position?.line}`))],
  };
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function applyOverlay(base: PolicyText, overlay: PolicyText): PolicyText {
  if (!isFields(base.value) || !isFields(overlay.value)) return base;
  const value: Fields = { ...base.value };
  const problems: Problem[] = [...base.problems];
  const replaced = new Set<string>();
  for (const [section, entries] of Object.entries(overlay.value)) {
    const current = value[section];
    if (!isFields(entries) || !isFields(current)) {
      value[section] = entries;
      replaced.add(pointerOf(section));
      continue;
    }
    for (const name of Object.keys(entries)) {
      const pointer = pointerOf(section, name);
      replaced.add(pointer);
      if (Object.hasOwn(current, name)) continue;
      problems.push({
        severity: "error",
        rule: "overlay-unknown-entry",
        pointer,
        message: `the overlay replaces \`${section}.${name}\`, which the base does not have`,
        cure: "Declare the entry in the base, or correct its name.",
        position: overlay.positionOf(pointer),
      });
    }
    value[section] = { ...current, ...entries };
  }
  const isReplaced = (pointer: string): boolean => {
    for (let prefix = pointer; prefix !== ""; prefix = prefix.slice(0, prefix.lastIndexOf("/"))) if (replaced.has(prefix)) return true;
    return false;
  };
  return { value, problems, positionOf: (pointer) => (isReplaced(pointer) ? overlay : base).positionOf(pointer) };
}
