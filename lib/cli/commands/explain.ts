/** `sallyport explain`: what the policy says about one request, which rules it considered, and what would change the answer. */
import { SallyportError } from "../../errors.js";
import { accessRequest, type DescribedRequest } from "../../policy/access-request.js";
import { compilePolicy, type Policy } from "../../policy/compile.js";
import type { Verdict } from "../../policy/conditions.js";
import type { Decision } from "../../policy/evaluate.js";
import { type ConsideredRule, explain as explainAccess } from "../../policy/explain.js";
import { type PolicySource, parsePolicy } from "../../policy/parse.js";
import { type Position, worstCode } from "../../policy/problem.js";
import type { CommandResult } from "../command-result.js";
import { EXIT } from "../exit-code.js";
import { unknownName } from "../invalid-input.js";
import type { Io } from "../io.js";
import { neededChanges } from "../needed-changes.js";
import { entryPositions, readPolicySources, today } from "../policy-sources.js";

export interface ExplainOptions extends DescribedRequest {
  readonly policy: string;
  readonly overlays: readonly string[];
  /** Another decision than this one is a failed test. */
  readonly expect?: Decision["effect"] | undefined;
}

export type HoldsText = "holds" | "does not hold" | "unknown";

export interface AccessExplanation {
  readonly decision: Decision;
  /** Where the rule that decided stands. */
  readonly position: Position | undefined;
  readonly policyVersion: string;
  readonly caller: string;
  readonly route: string;
  readonly request: string;
  /** The route's own `from`, which stands above every grant. */
  readonly routeFrom: { readonly ipPolicy: string; readonly holds: HoldsText } | null;
  readonly considered: readonly (Omit<ConsideredRule, "conditions"> & {
    readonly position: Position | undefined;
    readonly conditions: readonly { readonly name: string; readonly holds: HoldsText }[];
  })[];
  /** Grants of the same caller and route for other requests. */
  readonly notMatching: readonly { readonly rule: string; readonly position: Position | undefined; readonly requests: readonly string[] }[];
  /** What would have to be otherwise for the request to be allowed. */
  readonly changes: readonly string[];
  readonly expected: Decision["effect"] | null;
}

export async function explain(options: ExplainOptions, io: Io): Promise<CommandResult<"explanation", AccessExplanation>> {
  const { policy: path, overlays, expect, ...described } = options;
  const sources = await readPolicySources([path, ...overlays], io);
  const policy = compileSound(sources, today(io));
  const { document } = policy;
  const { caller, route, request: requestText } = described;
  if (!Object.hasOwn(document.callers, caller)) throw unknownName("caller", caller, Object.keys(document.callers));
  if (!Object.hasOwn(document.routes, route)) throw unknownName("route", route, Object.keys(document.routes));

  const request = accessRequest({ ...described, headers: described.headers?.map((name) => name.toLowerCase()) });
  const explanation = explainAccess(policy, request);
  const { decision, policyVersion } = explanation;
  const positionOf = entryPositions(sources);
  const compiledRoute = policy.routes.get(route)!;
  const data: AccessExplanation = {
    decision,
    position: decision.rule === undefined ? undefined : positionOf("grants", decision.rule),
    policyVersion,
    caller,
    route,
    request: requestText,
    routeFrom: compiledRoute.from ? { ipPolicy: document.routes[route]!.from!, holds: told(compiledRoute.from(request)) } : null,
    considered: explanation.considered.map(({ rule, effect, conditions }) => ({
      rule,
      effect,
      position: positionOf("grants", rule),
      conditions: conditions.map(({ name, holds }) => ({ name, holds: told(holds) })),
    })),
    notMatching: explanation.notMatching.map((rule) => ({
      rule,
      position: positionOf("grants", rule),
      requests: document.grants[rule]!.requests,
    })),
    changes: neededChanges(policy, request, explanation),
    expected: expect ?? null,
  };
  return { exitCode: expect === undefined || expect === decision.effect ? EXIT.ok : EXIT.refused, kind: "explanation", data };
}

const told = (verdict: Verdict): HoldsText => (verdict === undefined ? "unknown" : verdict ? "holds" : "does not hold");

/** A policy that breaks a guardrail, or that this version cannot enforce in full, can still be explained. */
function compileSound(sources: readonly PolicySource[], today: string): Policy {
  const { document, problems } = parsePolicy(sources, { today });
  if (document !== undefined && worstCode(problems) !== "POLICY_INVALID") return compilePolicy(document);
  throw new SallyportError("POLICY_INVALID", { problems: problems.filter(({ severity }) => severity === "error") });
}
