/**
 * A door's policy while its constructs are written, and the way from a problem of the document back to the construct
 * that caused it. The document is validated once, however many constructs ask.
 */
import { canonicalPolicy, type PolicyDocument, type Problem, policyVersion, validateDocument } from "../lib/policy/index.js";
import { type Entry, type Finding, type Section, tell as textOf } from "./checks/check.js";
import { duplicateName } from "./checks/duplicate-name.js";
import { failedTests } from "./checks/failed-test.js";
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
  #validated: Map<Construct, Told[]> | undefined;

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
    this.#validated = undefined;
  }

  /** The document as far as it is written; valid only when no construct has a failure. */
  document(): PolicyDocument {
    const filled = [...this.#sections].filter(([section, { size }]) => size > 0 || REQUIRED.includes(section));
    const maps = filled.map(([section, entries]) => [section, Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))]);
    return { version: 1, ...this.header, ...Object.fromEntries(maps) };
  }

  /** The document's canonical text: RFC 8785 JSON. */
  text(): string {
    return canonicalPolicy(this.document());
  }

  /** The SHA-256 of that text, as 64 hex digits. */
  version(): string {
    return policyVersion(this.document());
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
    const problems = this.#problems().get(owner) ?? [];
    return problems.filter(({ severity }) => severity !== "warning").map(textOf);
  }

  /** Whether nothing fails: only then is there a document to hash, pack or ship. */
  isSound(): boolean {
    return [...this.#problems().values()].flat().every(({ severity }) => severity === "warning");
  }

  /** What is only told, with the construct it is told of. */
  warnings(): readonly (readonly [owner: Construct, text: string])[] {
    return [...this.#problems()].flatMap(([owner, problems]) =>
      problems.filter(({ severity }) => severity === "warning").map((problem) => [owner, textOf(problem)] as const),
    );
  }

  #problems(): ReadonlyMap<Construct, readonly Told[]> {
    this.#validated ??= this.#validate();
    return this.#validated;
  }

  /** What the document says of a construct whose props were wrong would only be an echo, and is left out. */
  #validate(): Map<Construct, Told[]> {
    const told = new Map<Construct, Told[]>();
    const tell = (owner: Construct, problem: Told): void => {
      const known = told.get(owner);
      if (known === undefined) told.set(owner, [problem]);
      else known.push(problem);
    };
    for (const [owner, findings] of this.#findings) for (const finding of findings) tell(owner, { severity: "error", ...finding });

    const document = this.document();
    const { problems } = validateDocument(document, { today: this.today });
    for (const problem of problems) {
      const [, section, name = ""] = problem.pointer.split("/");
      const owner = this.#ownerOf(section as Section, name);
      if (!this.#findings.has(owner)) tell(owner, problem);
    }
    if (this.#findings.size === 0 && problems.every(({ severity }) => severity === "warning")) {
      for (const [name, finding] of failedTests(document)) tell(this.#ownerOf("tests", name), { severity: "error", ...finding });
    }
    return told;
  }

  #ownerOf(section: Section, name: string): Construct {
    return this.#sections.get(section)?.get(name)?.entry ?? this.door;
  }
}
