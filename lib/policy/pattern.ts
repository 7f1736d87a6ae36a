/**
 * Request patterns: `METHOD /segments`, with `{name}` for one non-empty segment and `**`, only as the last, for zero or
 * more. No expressions and no backtracking, so that two policies can be compared exactly. A literal is compared in the
 * canonical form of `http/target`, so that what is judged is what is sent.
 */
import { isDenial } from "../errors.js";
import { parseTarget } from "../http/target.js";

/** A literal's canonical text, or undefined for `{name}`. */
export type PatternSegment = string | undefined;

export interface RequestPattern {
  readonly method: string;
  readonly segments: readonly PatternSegment[];
  /** Whether `**` ends the pattern. */
  readonly rest: boolean;
}

const PARAMETER = /^\{[A-Za-z][A-Za-z0-9_]{0,63}\}$/;

/** @returns the pattern, or a sentence that says what is wrong with it */
export function parsePattern(text: string): RequestPattern | string {
  const space = text.indexOf(" ");
  const method = text.slice(0, space);
  const path = text.slice(space + 1);
  if (!/^[A-Z]{3,20}$/.test(method) || !path.startsWith("/")) return "it is not `METHOD /segments`";
  const parts = path === "/" ? [] : path.slice(1).split("/");
  const rest = parts.at(-1) === "**";
  const segments: PatternSegment[] = [];
  for (const part of rest ? parts.slice(0, -1) : parts) {
    if (part === "") return "it has an empty segment, which only `**` matches";
    if (part === "**") return "`**` stands before the last segment";
    if (PARAMETER.test(part)) segments.push(undefined);
    else if (/[{}*]/.test(part)) return `the segment \`${part}\` mixes text with a placeholder`;
    else {
      const target = parseTarget(`/${part}`);
      if (isDenial(target) || target.query !== undefined) return `the segment \`${part}\` is not a plain path segment`;
      segments.push(target.segments[0]!);
    }
  }
  return { method, segments, rest };
}

/** The segments that patterns judge: the root path has none. */
export const judgedSegments = (segments: readonly string[]): readonly string[] =>
  segments.length === 1 && segments[0] === "" ? [] : segments;

/** Whether every request that `inner` matches is matched by `outer` too. */
export function coversPattern(outer: RequestPattern, inner: RequestPattern): boolean {
  if (outer.method !== inner.method) return false;
  if (outer.rest ? inner.segments.length < outer.segments.length : inner.rest || inner.segments.length !== outer.segments.length)
    return false;
  return outer.segments.every((segment, index) => segment === undefined || segment === inner.segments[index]);
}
