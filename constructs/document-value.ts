/**
 * From a construct's props to its entry in the document: constructs become their names, all else is copied, and every
 * field passes the checks. A field that fails is left out, so that a literal secret goes no further.
 */
import { type Entry, type Finding, isEntry, type Section } from "./checks/check.js";
import { FIELD_CHECKS } from "./checks/index.js";

/** The fields that name another entry; `N` is any list item, or any id where ids are the author's own. */
const REFERENCES: Readonly<Record<string, Section>> = {
  "signingProfiles/key": "secrets",
  "signingProfiles/keys/N/key": "secrets",
  "callers/key": "secrets",
  "callers/keys/N/key": "secrets",
  "callers/authority": "certificates",
  "routes/from": "ipPolicies",
  "routes/sign": "signingProfiles",
  "routes/tls/clientCertificate": "certificates",
  "routes/inject/N/secret": "secrets",
  "grants/caller": "callers",
  "grants/route": "routes",
  "grants/when/from": "ipPolicies",
  "grants/justInTime/approvers/N": "callers",
  "tests/caller": "callers",
  "tests/route": "routes",
};

const OWN_IDS: ReadonlySet<string> = new Set(["signingProfiles/keys", "callers/keys"]);

export interface DocumentValue {
  readonly value: unknown;
  /** The entries it names. */
  readonly uses: readonly Entry[];
  readonly findings: readonly Finding[];
}

export function documentValue(entry: Entry, props: object): DocumentValue {
  const uses: Entry[] = [];
  const findings: Finding[] = [];

  const convert = (path: string, at: readonly (string | number)[], value: unknown): unknown => {
    const field = { entry, path, name: at.join("."), value, expected: REFERENCES[path] };
    for (const check of FIELD_CHECKS) {
      const finding = check(field);
      if (finding === undefined) continue;
      findings.push(finding);
      return undefined;
    }
    if (isEntry(value)) {
      uses.push(value);
      return value.entryName;
    }
    if (Array.isArray(value))
      return value.map((item, index) => convert(`${path}/N`, [...at, index], item)).filter((item) => item !== undefined);
    if (typeof value !== "object" || value === null) return value;
    const pathOf = (name: string): string => `${path}/${OWN_IDS.has(path) ? "N" : name}`;
    const fields = Object.entries(value).map(([name, child]) => [name, convert(pathOf(name), [...at, name], child)] as const);
    return Object.fromEntries(fields.filter(([, child]) => child !== undefined));
  };

  return { value: convert(entry.section, [], props) ?? {}, uses, findings };
}
