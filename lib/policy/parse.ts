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
  const inOrder = byPlace(sources.map(({ file }) => file));
  if (texts.length === 0 || texts.some(({ value }) => value === undefined))
    return { document: undefined, problems: unread.toSorted(inOrder) };

  const merged = texts.slice(1).reduce((base, overlay) => applyOverlay(base, overlay), { ...texts[0]!, problems: unread });
  const { document, problems } = validateDocument(merged.value, options);
  const located = problems.map((problem): Problem => ({ ...problem, position: merged.positionOf(problem.pointer) }));
  return {
    document: merged.problems.length > 0 ? undefined : document,
    problems: [...merged.problems, ...located.filter((problem) => !unread.some((cause) => isEcho(problem, cause)))].toSorted(inOrder),
  };
}

/** As one reads: file by file, from the top, from the left. */
const byPlace =
  (files: readonly string[]) =>
  ({ position: a }: Problem, { position: b }: Problem): number =>
    a === undefined || b === undefined ? 0 : files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column;

/** Whether a problem only repeats one of reading: a brace makes a map of what follows on its line, a refused node has no value. */
const isEcho = ({ pointer, position }: Problem, cause: Problem): boolean =>
  cause.rule === "braces-in-flow"
    ? position?.file === cause.position?.file && position?.line === cause.position?.line
    : cause.pointer !== "" && cause.pointer === pointer && cause.position?.file === position?.file;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function applyOverlay(base: PolicyText, overlay: PolicyText): PolicyText {
  const problems: Problem[] = [...base.problems];
  if (!isFields(overlay.value)) {
    problems.push({
      severity: "error",
      rule: "wrong-type",
      pointer: "",
      message: "the overlay is not a map",
      cure: "Write the sections whose entries it replaces, such as `routes`.",
      position: overlay.positionOf(""),
    });
    return { ...base, problems };
  }
  if (!isFields(base.value)) return base;
  const value: Fields = { ...base.value };
  const replaced = new Set<string>();
  for (const [section, entries] of Object.entries(overlay.value)) {
    const current = Object.hasOwn(value, section) ? value[section] : undefined;
    if (!isFields(current) || !isFields(entries)) replaced.add(pointerOf(section));
    if (!isFields(entries)) {
      value[section] = entries;
      continue;
    }
    for (const name of Object.keys(entries)) {
      const pointer = pointerOf(section, name);
      replaced.add(pointer);
      if (isFields(current) && Object.hasOwn(current, name)) continue;
      problems.push({
        severity: "error",
        rule: "overlay-unknown-entry",
        pointer,
        message: `the overlay replaces \`${section}.${name}\`, which the base does not have`,
        cure: "Declare the entry in the base, or correct its name.",
        position: overlay.positionOf(pointer),
      });
    }
    value[section] = { ...(isFields(current) ? current : {}), ...entries };
  }
  const isReplaced = (pointer: string): boolean => {
    for (let prefix = pointer; prefix !== ""; prefix = prefix.slice(0, prefix.lastIndexOf("/"))) if (replaced.has(prefix)) return true;
    return false;
  };
  return { value, problems, positionOf: (pointer) => (isReplaced(pointer) ? overlay : base).positionOf(pointer) };
}
