import type { PolicyDocument } from "../document.generated.js";
import { placedKeys } from "../signing-keys.js";
import type { Check, Finding } from "./check.js";

type Section = "secrets" | "certificates" | "ipPolicies" | "signingProfiles" | "callers" | "routes";
type Reference = readonly [section: Section, name: string | undefined, ...at: (string | number)[]];

/** Every place of a document that names an entry of another section. */
function* references(document: PolicyDocument): Generator<Reference> {
  for (const [id, profile] of Object.entries(document.signingProfiles ?? {}))
    for (const [{ key }, ...at] of placedKeys(id, profile)) yield ["secrets", key, "signingProfiles", id, ...at];
  for (const [id, caller] of Object.entries(document.callers)) {
    if (caller.kind === "hmac") for (const [{ key }, ...at] of placedKeys(id, caller)) yield ["secrets", key, "callers", id, ...at];
    if (caller.kind === "client-certificate") yield ["certificates", caller.authority, "callers", id, "authority"];
  }
  for (const [id, route] of Object.entries(document.routes)) {
    yield ["ipPolicies", route.from, "routes", id, "from"];
    yield ["signingProfiles", route.sign, "routes", id, "sign"];
    yield ["certificates", route.tls?.clientCertificate, "routes", id, "tls", "clientCertificate"];
    for (const [index, injection] of (route.inject ?? []).entries())
      yield ["secrets", injection.secret, "routes", id, "inject", index, "secret"];
  }
  for (const [id, grant] of Object.entries(document.grants)) {
    yield ["callers", grant.caller, "grants", id, "caller"];
    yield ["routes", grant.route, "grants", id, "route"];
    yield ["ipPolicies", grant.when?.from, "grants", id, "when", "from"];
    for (const [index, approver] of (grant.justInTime?.approvers ?? []).entries())
      yield ["callers", approver, "grants", id, "justInTime", "approvers", index];
  }
  for (const [id, test] of Object.entries(document.tests ?? {})) {
    yield ["callers", test.caller, "tests", id, "caller"];
    yield ["routes", test.route, "tests", id, "route"];
  }
}

export const unknownReference: Check = {
  rule: "unknown-reference",
  severity: "error",
  *find(document): Generator<Finding> {
    for (const [section, name, ...at] of references(document)) {
      const known = document[section] ?? {};
      if (name === undefined || Object.hasOwn(known, name)) continue;
      const names = Object.keys(known);
      yield {
        at,
        message: `\`${name}\` is not an entry of \`${section}\``,
        expected:
          names.length === 0
            ? `an entry of \`${section}\`, which has none`
            : `one of ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`,
        found: name,
        lacks: [section, name],
        cure: `Declare \`${name}\` under \`${section}\`, or name an entry that is there.`,
      };
    }
  },
};
