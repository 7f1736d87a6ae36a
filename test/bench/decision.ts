/** One decision in a large policy, against judging the caller's own grants one by one. */
import { type AccessRequest, accessRequest, compilePolicy, evaluate, type Grant, type PolicyDocument } from "../../lib/policy/index.js";
import { parsePattern, type RequestPattern } from "../../lib/policy/pattern.js";
import { callsPerSecond, compare, type Effort, type Line } from "./measure.js";

const ROUTES = 10_000;
const GRANTS = 100_000;
const CALLERS = 1_000;
const REQUESTS = 4_096;
const ROUND_MS = 300;

/** A caller has two grants, with patterns of their own, on each of 50 routes. */
const place = (grant: number) => {
  const caller = grant % CALLERS;
  const nth = Math.floor(grant / CALLERS);
  return { caller: `caller-${caller}`, route: `route-${(caller * 7 + Math.floor(nth / 2) * 131) % ROUTES}`, part: nth % 2 };
};

function largePolicy(): PolicyDocument {
  const routes = Array.from({ length: ROUTES }, (_, route) => [
    `route-${route}`,
    { owner: "bench", target: `https://host-${route}.example` },
  ]);
  const grants = Array.from({ length: GRANTS }, (_, index): [string, Grant] => {
    const { caller, route, part } = place(index);
    const requests = [`GET /v1/items-${part}/{id}`, `POST /v1/orders-${part}`, `GET /files-${part}/**`];
    return [`grant-${index}`, { caller, route, requests, ...(index % 3 === 0 && { when: { from: "internal" } }) }];
  });
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
    const { caller, route, part } = place((index * 24_001) % GRANTS);
    const request = [`GET /v1/items-${part}/42`, `POST /v1/orders-${part}`, `GET /files-${part}/a/b/c`, `PUT /v1/orders-${part}`][
      index % 4
    ]!;
    return accessRequest({ caller, route, request, from: "10.1.2.3" });
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
  const isInternal = ({ source }: AccessRequest): boolean => source?.family === 4 && source.value >> 24n === 10n;
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
  segments.every((segment, index) => segment === undefined || segment === request.segments[index]);
