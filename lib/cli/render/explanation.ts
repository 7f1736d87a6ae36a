import { ERROR_CODES } from "../../errors.js";
import type { AccessExplanation, HoldsText } from "../commands/explain.js";
import type { Format, Paint } from "../paint.js";
import { place } from "./place.js";

const MARKS: Readonly<Record<HoldsText, readonly [mark: string, format: Format]>> = {
  holds: ["+", "green"],
  "does not hold": ["-", "red"],
  unknown: ["?", "yellow"],
};

export function explanationText(explanation: AccessExplanation, paint: Paint): string {
  const { decision, position, caller, route, request, routeFrom, considered, notMatching, changes, expected, policyVersion } = explanation;
  const condition = (name: string, holds: HoldsText): string => {
    const [mark, format] = MARKS[holds];
    return paint(format, `${mark} ${name} ${holds}`);
  };
  const rows = [
    `${paint(decision.effect === "allow" ? "green" : "red", decision.effect)}: \`${request}\` by caller \`${caller}\` on route \`${route}\``,
    `  reason: ${decision.reason === "granted" ? "granted" : `${decision.reason}, ${ERROR_CODES[decision.reason].title}`}`,
    `  rule: ${decision.rule === undefined ? "none" : `${decision.rule} at ${place(position, "/grants")}`}`,
    `  policy version: ${policyVersion}`,
  ];
  if (routeFrom !== null) rows.push("", "for every call on the route", `  ${condition(`from (${routeFrom.ipPolicy})`, routeFrom.holds)}`);
  rows.push(
    "",
    considered.length === 0 ? "no rule matches caller, route, method and path" : "rules that match caller, route, method and path",
  );
  for (const { rule, effect, position, conditions } of considered) {
    rows.push(`  ${effect} ${rule} at ${place(position, "/grants")}`);
    rows.push(...(conditions.length === 0 ? ["    no conditions"] : conditions.map(({ name, holds }) => `    ${condition(name, holds)}`)));
  }
  if (notMatching.length > 0) rows.push("", "rules of the same caller and route for other requests");
  for (const { rule, position, requests } of notMatching) rows.push(`  ${rule} at ${place(position, "/grants")}: ${requests.join(", ")}`);
  if (changes.length > 0) rows.push("", "to be allowed, the call would have to", ...changes.map((change) => `  ${change}`));
  if (expected !== null && expected !== decision.effect) rows.push("", paint("red", `expected ${expected}, found ${decision.effect}`));
  return rows.join("\n");
}
