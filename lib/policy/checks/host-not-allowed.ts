import type { PolicyDocument } from "../document.generated.js";
import { isAllowedHost, isAuthority, parseOrigin } from "../origin.js";
import { keysOf } from "../signing-keys.js";
import type { Check, Finding } from "./check.js";

/** What a route sends along, each with the place that says so. */
function* credentials(
  document: PolicyDocument,
  id: string,
): Generator<readonly ["secrets" | "certificates", string, ...(string | number)[]]> {
  const route = document.routes[id]!;
  for (const [index, injection] of (route.inject ?? []).entries()) yield ["secrets", injection.secret, "inject", index, "secret"];
  const profile = entryOf(document.signingProfiles, route.sign);
  if (profile !== undefined) for (const { key } of keysOf(route.sign!, profile)) yield ["secrets", key, "sign"];
  if (route.tls?.clientCertificate !== undefined) yield ["certificates", route.tls.clientCertificate, "tls", "clientCertificate"];
}

/** An entry of its own, for `constructor` is a name too. */
const entryOf = <Entry>(entries: Readonly<Record<string, Entry>> = {}, name: string | undefined): Entry | undefined =>
  name !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;

/** A secret goes only to its `allowedHosts`; an empty list lets it go nowhere, as a caller's own key should. */
export const hostNotAllowed: Check = {
  rule: "host-not-allowed",
  severity: "error",
  *find(document): Generator<Finding> {
    for (const [id, route] of Object.entries(document.routes)) {
      const origin = parseOrigin(route.target);
      if (origin === undefined) continue;
      for (const [section, name, ...at] of credentials(document, id)) {
        const entry = entryOf(document[section] as Record<string, { readonly allowedHosts: readonly string[] }> | undefined, name);
        // What `wildcard-host` refuses may have been meant for this one.
        if (entry === undefined || isAllowedHost(entry.allowedHosts, origin) || !entry.allowedHosts.every(isAuthority)) continue;
        yield {
          at: ["routes", id, ...at],
          message: `\`${name}\` may not go to \`${origin.authority}\``,
          expected: entry.allowedHosts.length === 0 ? "no host at all" : `a target among ${entry.allowedHosts.join(", ")}`,
          found: origin.authority,
          cure: `Add \`${origin.host}\` to \`${section}.${name}.allowedHosts\`, or use another credential.`,
        };
      }
    }
  },
};
