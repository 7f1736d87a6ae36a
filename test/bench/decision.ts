/** One decision in a large policy, against judging the caller's own grants one by one. */
import { isDenial } from "../../lib/errors.js";
import { parseAddress } from "../../lib/net/address.js";
import { type AccessRequest, accessRequest, compilePolicy, evaluate, type Grant, type PolicyDocument } from "../../lib/policy/index.js";
import { type PatternSegment, parsePattern, type RequestPattern } from "../../lib/policy/pattern.js";
import { callsPerSecond, compare, type Effort, type Line } from "./measure.js";

const ROUTES = 10_000;
const GRANTS = 100_000;
const CALLERS = 1_000;
const REQUESTS = 4_096;
const ROUND_MS = 300;

const routeOf = (grant: number): string => `route-${(grant * 7) % ROUTES}`;
const callerOf = (grant: number): string => `caller-${grant % CALLERS}`;

function largePolicy(): PolicyDocument {
  const routes = Array.from({ length: ROUTES }, (_, route) => [
    `route-${route}`,
    { owner: "bench", target: `https://host-${route}.example` },
  ]);
  const grants = Array.from({ length: GRANTS }, (_, grant): [string, Grant] => [
    `grant-${grant}`,
    {
      caller: callerOf(grant),
      route: routeOf(grant),
      requests: [`GET /v1/items-${grant % 10}/{id}`, "POST /v1/orders", "GET /files/**"],
      ...(grant % 3 === 0 && { when: { from: "internal" } }),
    },
  ]);
  const callers = Array.from({ length: CALLERS }, (_, caller) => [`caller-${caller}`, { kind: "hmac", key: "key" }]);
  return {
    version: 1,
    name: "bench",
    environment: "bench",
    secrets: { key: { source: { kind: "managed" }, allowedHosts: [], maxAgeDays: 90 } },
    ipPolicies: { internal: { allow: ["10.0.0.0/8", "fd00::/8"] } },
    callers: Object.fromEntries(callers),
    routes: Object.fromEntries(routes),
    grants: Object.fromEntries(grants),
  };
}

/** Spread over the whole policy; every fourth is denied. */
const requests = (): AccessRequest[] =>
  Array.from({ length: REQUESTS }, (_, index) => {
    const grant = (index * 24_001) % GRANTS;
    const request = [`GET /v1/items-${grant % 10}/42`, "POST /v1/orders", "GET /files/a/b/c", "DELETE /v1/orders"][index % 4]!;
    return accessRequest({ caller: callerOf(grant), route: routeOf(grant), request, from: "10.1.2.3" });
  });

export function decision(effort: Effort): Promise<Line[]> {
  const document = largePolicy();
  const startedAt = performance.now();
  const policy = compilePolicy(document);
  process.stderr.write(`decision: compiled ${GRANTS} grants in ${Math.round(performance.now() - startedAt)} ms\n`);
  const asked = requests();
  const scan = linearScan(document);

  const microseconds = (isAllowed: (request: AccessRequest) => boolean) => () => {
    let index = 0;
    const rate = callsPerSecond(() => {
      const at = index++ % REQUESTS;
      if (isAllowed(asked[at]!) === (at % 4 === 3)) throw new Error(`request ${at} got the wrong decision`);
    }, ROUND_MS * effort.timeScale);
    return 1e6 / rate;
  };
  return compare(
    {
      name: "decision",
      unit: "µs",
      better: "lower",
      ours: microseconds((request) => evaluate(policy, request).effect === "allow"),
      peers: { "linear scan of the caller's grants": microseconds(scan) },
    },
    effort,
  );
}

/** The obvious way, written with care: patterns are parsed once, grants are found by caller, then tried in turn. */
function linearScan({ grants }: PolicyDocument): (request: AccessRequest) => boolean {
  const byCaller = new Map<string, { route: string; patterns: RequestPattern[]; isInternalOnly: boolean }[]>();
  for (const { caller, route, requests: texts, when } of Object.values(grants)) {
    const rules = byCaller.get(caller) ?? [];
    byCaller.set(caller, rules);
    rules.push({ route, patterns: texts.map((text) => parsePattern(text) as RequestPattern), isInternalOnly: when?.from !== undefined });
  }
  const isInternal = ({ source }: AccessRequest): boolean => source?.family === 4 && source.bytes[0] === 10;
  return (request) =>
    byCaller
      .get(request.caller)!
      .some(
        ({ route, patterns, isInternalOnly }) =>
          route === request.route && patterns.some((pattern) => matches(pattern, request)) && (!isInternalOnly || isInternal(request)),
      );
}

const matches = ({ method, segments, rest }: RequestPattern, request: AccessRequest): boolean =>
  method === request.method &&
  (rest ? request.segments.length >= segments.length : request.segments.length === segments.length) &&
  segments.every((segment: PatternSegment, index) => segment === undefined || segment === request.segments[index]);
