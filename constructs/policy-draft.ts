/**
 * A door's policy while its constructs are written, and the way from a problem of the document back to the construct
 * that caused it. The document is validated once, however many constructs ask.
 */
import { type PolicyDocument, type Problem, validateDocument } from "../lib/policy/index.js";
import { type Entry, type Finding, type Section, tell } from "./checks/check.js";
import { duplicateName } from "./checks/duplicate-name.js";
import { documentValue } from "./document-value.js";
import type { Construct } from "./framework.js";

const OPTIONAL: readonly Section[] = ["secrets", "certificates", "ipPolicies", "signingProfiles", "tests"];
const REQUIRED: readonly Section[] = ["callers", "routes", "grants"];

interface Drafted {
  readonly entry: Entry;
  readonly value: unknown;
  readonly uses: readonly Entry[];
}

type Told = Pick<Problem, "severity" | "rule" | "message" | "cure">;

export class PolicyDraft {
  readonly #sections = new Map<Section, Map<string, Drafted>>([...OPTIONAL, ...REQUIRED].map((section) => [section, new Map()]));
  readonly #findings = new Map<Construct, readonly Finding[]>();
  #problems: Map<Construct, Told[]> | undefined;

  /** @param today the date as YYYY-MM-DD by which waivers expire */
  constructor(
    private readonly door: Construct,
    private readonly header: Pick<PolicyDocument, "name" | "environment">,
    private readonly today: string,
  ) {}

  /** Puts a construct's props into the document. */
  add(entry: Entry, props: object): void {
    const section = this.#sections.get(entry.section)!;
    const { value, uses, findings } = documentValue(entry, props);
    const other = section.get(entry.entryName);
    if (other === undefined) section.set(entry.entryName, { entry, value, uses });
    const found = other === undefined ? findings : [...findings, duplicateName(entry, other.entry)];
    if (found.length > 0) this.#findings.set(entry, found);
    this.#problems = undefined;
  }

  /** The document as far as it is written; valid only when no construct has a failure. */
  document(): PolicyDocument {
    const filled = [...this.#sections].filter(([section, { size }]) => size > 0 || REQUIRED.includes(section));
    const maps = filled.map(([section, entries]) => [section, Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))]);
    return { version: 1, ...this.header, ...Object.fromEntries(maps) };
  }

  /** The entries that routes and callers name, directly or through a signing profile. */
  inUse(): readonly Entry[] {
    const reached = new Set<Entry>();
    const visit = ({ uses }: Drafted): void => {
      for (const entry of uses) {
        if (reached.has(entry)) continue;
        reached.add(entry);
        const drafted = this.#sections.get(entry.section)?.get(entry.entryName);
        if (drafted !== undefined) visit(drafted);
      }
    };
    for (const section of ["routes", "callers"] as const) for (const drafted of this.#sections.get(section)!.values()) visit(drafted);
    return [...reached];
  }

  /** What fails synthesis at this construct, one text a problem. */
  failuresOf(owner: Construct): string[] {
    return this.#problemsOf(owner)
      .filter(({ severity }) => severity !== "warning")
      .map(tell);
  }

  /** What is only told, with the construct it is told of. */
  warnings(): readonly (readonly [owner: Construct, text: string])[] {
    return [...this.#validated()].flatMap(([owner, problems]) =>
      problems.filter(({ severity }) => severity === "warning").map((problem) => [owner, tell(problem)] as const),
    );
  }

  #problemsOf(owner: Construct): readonly Told[] {
    return this.#validated().get(owner) ?? [];
  }

  /** Problems by construct. What the document says of a construct whose props were wrong would only be an echo. */
  #validated(): Map<Construct, Told[]> {
    if (this.#problems !== undefined) return this.#problems;
    const problems = new Map<Construct, Told[]>();
    for (const [owner, findings] of this.#findings)
      problems.set(
        owner,
        findings.map((finding) => ({ severity: "error", ...finding })),
      );
    for (const problem of validateDocument(this.document(), { today: this.today }).problems) {
      const owner = this.#ownerOf(problem.pointer);
      if (this.#findings.has(owner)) continue;
      const known = problems.get(owner);
      if (known === undefined) problems.set(owner, [problem]);
      else known.push(problem);
    }
    this.#problems = problems;
    return problems;
  }

  #ownerOf(pointer: string): Construct {
    const [, section, name = ""] = pointer.split("/");
    const unescaped = name.replaceAll("~1", "/").replaceAll("~0", "~");
    return this.#sections.get(section as Section)?.get(unescaped)?.entry ?? this.door;
  }
}
