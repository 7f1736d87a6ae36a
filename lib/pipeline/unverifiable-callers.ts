/** Callers whose kind an adapter cannot verify: they load, are named at start, and never authenticate there. */

import type { Policy } from "../policy/compile.js";
import type { Caller } from "../policy/document.generated.js";

export const unverifiableCallers = (
  { document }: Policy,
  verifiable: ReadonlySet<Caller["kind"]>,
): { name: string; kind: Caller["kind"] }[] =>
  Object.entries(document.callers)
    .filter(([, { kind }]) => !verifiable.has(kind))
    .map(([name, { kind }]) => ({ name, kind }));
