import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accessRequest, type DescribedRequest } from "../../lib/policy/access-request.js";
import { compilePolicy } from "../../lib/policy/compile.js";
import type { PolicyDocument } from "../../lib/policy/document.generated.js";
import { evaluate } from "../../lib/policy/evaluate.js";
import { parsePolicy } from "../../lib/policy/parse.js";
import { printPolicy } from "../../lib/policy/print.js";
import { validateDocument } from "../../lib/policy/validate.js";
import { canonicalPolicy, policyVersion } from "../../lib/policy/version.js";
import { anyPolicy, CALLERS, COUNTRIES, HEADERS, METHODS, ROUTES, SEGMENTS, TODAY } from "./arbitrary-policy.js";
import { referenceDecision } from "./reference-evaluator.js";

const parse = (text: string) => parsePolicy([{ text, file: "policy" }], { today: TODAY });

const SOURCES = "10.1.2.3 10.200.0.1 192.0.2.9 192.0.2.10 198.51.100.7 203.0.113.5 ::ffff:10.1.9.9 2001:db8::7 2001:db8:1::7".split(" ");

/** What a request is drawn from: mostly near a grant of the policy, else anywhere. */
const seed = fc.record({
  isNear: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  grant: fc.nat(),
  pattern: fc.nat(),
  caller: fc.constantFrom(...CALLERS, "constructor"),
  route: fc.constantFrom(...ROUTES, "toString"),
  method: fc.constantFrom(...METHODS),
  segments: fc.array(fc.constantFrom(...SEGMENTS, ...SEGMENTS, "", "V1", "__proto__", "constructor"), { maxLength: 4 }),
  from: fc.oneof({ weight: 4, arbitrary: fc.constant("10.1.9.9") }, { weight: 1, arbitrary: fc.constantFrom(...SOURCES, undefined) }),
  country: fc.oneof({ weight: 4, arbitrary: fc.constant("IE") }, { weight: 1, arbitrary: fc.constantFrom(...COUNTRIES, undefined) }),
  headers: fc.oneof({ weight: 4, arbitrary: fc.constant([...HEADERS]) }, { weight: 1, arbitrary: fc.subarray([...HEADERS]) }),
  risk: fc.oneof(
    { weight: 4, arbitrary: fc.nat(20) },
    { weight: 1, arbitrary: fc.nat(100) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
});

type Seed = typeof seed extends fc.Arbitrary<infer Value> ? Value : never;

function drawn({ grants }: PolicyDocument, { isNear, grant, pattern, segments, method, ...request }: Seed): DescribedRequest {
  const all = Object.values(grants);
  const near = isNear ? all[grant % all.length] : undefined;
  if (near === undefined) return { ...request, request: `${method} /${segments.join("/")}` };
  const rest = [...segments];
  const fill = (part: string): string[] => (part === "**" ? rest : part.startsWith("{") ? [rest.shift() ?? "7"] : [part]);
  const [nearMethod, path] = near.requests[pattern % near.requests.length]!.split(" ") as [string, string];
  return {
    ...request,
    caller: near.caller,
    route: near.route,
    request: `${nearMethod} /${path.slice(1).split("/").flatMap(fill).join("/")}`,
  };
}

describe("any valid policy", () => {
  it("has neither an error nor a guardrail", () => {
    fc.assert(
      fc.property(anyPolicy, (document) => {
        expect(validateDocument(document, { today: TODAY }).problems.filter(({ severity }) => severity !== "warning")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("is read from its printed form as the same document", () => {
    fc.assert(
      fc.property(anyPolicy, (document) => {
        expect(parse(printPolicy(document)).document).toEqual(document);
      }),
      { numRuns: 500 },
    );
  });

  it("is read from its canonical JSON as the same version", () => {
    fc.assert(
      fc.property(anyPolicy, (document) => {
        const read = parse(canonicalPolicy(document)).document!;
        expect(policyVersion(read)).toBe(policyVersion(document));
        expect(canonicalPolicy(read)).toBe(canonicalPolicy(document));
      }),
      { numRuns: 500 },
    );
  });
});

describe("evaluate", () => {
  it("agrees with a scan of all grants on 24,000 requests, at least a fifth of them allowed and a fifth denied", () => {
    const counts = new Map<string, number>();
    fc.assert(
      fc.property(anyPolicy, fc.array(seed, { minLength: 60, maxLength: 60 }), (document, seeds) => {
        const policy = compilePolicy(document);
        for (const described of seeds.map((one) => drawn(document, one))) {
          const decision = evaluate(policy, accessRequest(described));
          const { effect, reason, rules } = referenceDecision(document, described);
          expect({ described, effect: decision.effect, reason: decision.reason }).toEqual({ described, effect, reason });
          expect(rules.length === 0 ? [undefined] : rules).toContain(decision.rule);
          for (const outcome of [effect, reason]) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        }
      }),
      { numRuns: 400 },
    );
    const total = counts.get("allow")! + counts.get("deny")!;
    expect(total).toBeGreaterThanOrEqual(24_000);
    for (const effect of ["allow", "deny"]) expect(counts.get(effect)! / total).toBeGreaterThanOrEqual(0.2);
    for (const reason of ["SOURCE_NOT_ALLOWED", "NOT_GRANTED", "DENIED_BY_RULE", "CONDITION_NOT_MET"])
      expect(counts.get(reason)! / total).toBeGreaterThanOrEqual(0.02);
  });

  it("gives the same decision and rule whatever the order of the grants and of what they list", () => {
    const shuffled = <Item>(items: readonly Item[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    const reordered = anyPolicy.chain((document) =>
      fc.tuple(
        fc.constant(document),
        shuffled(Object.entries(document.grants)).map(
          (grants): PolicyDocument => ({
            ...document,
            grants: Object.fromEntries(grants.map(([id, grant]) => [id, { ...grant, requests: [...grant.requests].reverse() }])),
          }),
        ),
      ),
    );
    fc.assert(
      fc.property(reordered, fc.array(seed, { minLength: 20, maxLength: 20 }), ([document, other], seeds) => {
        const [policy, otherPolicy] = [compilePolicy(document), compilePolicy(other)];
        for (const described of seeds.map((one) => drawn(document, one))) {
          const request = accessRequest(described);
          expect(evaluate(otherPolicy, request)).toEqual(evaluate(policy, request));
        }
      }),
      { numRuns: 200 },
    );
  });
});
