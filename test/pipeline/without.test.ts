/** What each stage is there for: a scenario that comes out wrong when the stage is taken out and its word simply believed. */
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { PIPELINE } from "../../lib/pipeline/handle.js";
import { RequestBody } from "../../lib/pipeline/request-body.js";
import { SecretValue } from "../../lib/secret-value.js";
import {
  API_KEY,
  NOW,
  OWN_AUTHORITY,
  signed,
  type TestAnswer,
  type TestDoor,
  type TestRequest,
  TOKEN,
  testDoor,
  valuesOf,
} from "../fakes/door.js";

interface Scenario {
  readonly stage: string;
  readonly title: string;
  readonly door?: Parameters<typeof testDoor>[0];
  readonly prepare?: (test: TestDoor) => unknown;
  readonly request?: TestRequest;
  /** What a careless stage would have established in its place. */
  readonly believed?: (test: TestDoor) => object;
  /** What is looked at. Default: the code, else the status. */
  readonly observe?: (test: TestDoor, answer: TestAnswer) => unknown;
  readonly right: unknown;
  readonly wrong: unknown;
}

const METADATA = "169.254.169.254";
const TRAVERSAL = "/api/v1/../../admin";
const ECHO = `your key is ${API_KEY}`;
const byToken = (request: TestRequest = {}): TestRequest => ({
  ...request,
  headers: [["authorization", `Bearer ${TOKEN}`], ...(request.headers ?? [])],
});
const manyHeaders = Array.from({ length: 100 }, (_, index): [string, string] => [`x-${index}`, "1"]);

const SCENARIOS: readonly Scenario[] = [
  {
    stage: "bound",
    title: "102 headers reach the upstream",
    request: byToken({ headers: manyHeaders }),
    believed: ({ door }) => ({ ...door.current, requestId: "request", now: NOW, startedAt: 0 }),
    right: "HEADERS_TOO_LARGE",
    wrong: 200,
  },
  {
    stage: "parse",
    title: "a dot segment climbs out of the base path",
    request: byToken({ target: TRAVERSAL }),
    believed: () => ({ authority: OWN_AUTHORITY, parsedTarget: { path: TRAVERSAL, segments: TRAVERSAL.slice(1).split("/") } }),
    observe: ({ upstream }) => upstream.sent[0]?.target,
    right: undefined,
    wrong: "/base/v1/../../admin",
  },
  {
    stage: "route",
    title: "a page that rebinds its own name reaches the door",
    request: byToken({ host: "evil.example" }),
    believed: ({ door }) => ({ route: door.current.policy.routes.get("api"), segments: ["v1", "charges"] }),
    right: "HOST_UNKNOWN",
    wrong: 200,
  },
  {
    stage: "authenticate",
    title: "nobody calls as payments",
    believed: () => ({ caller: "payments", proof: { kind: "hmac", once: undefined } }),
    right: "DENIED",
    wrong: 200,
  },
  {
    stage: "source",
    title: "a call from an allowed network is not recognised",
    door: {
      policy: {
        ipPolicies: { vpc: { allow: ["10.0.0.0/8"] } },
        grants: { "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**"], when: { from: "vpc" } } },
      },
    },
    request: byToken(),
    right: 200,
    wrong: "DENIED",
  },
  {
    stage: "authorize",
    title: "a path outside the grant reaches the upstream",
    request: byToken({ target: "/api/admin" }),
    believed: () => ({ rule: "none", callerHeaders: [] }),
    right: "DENIED",
    wrong: 200,
  },
  {
    stage: "commit",
    title: "a signed request passes twice",
    prepare: ({ send }) => send(signed()),
    request: signed(),
    right: "REPLAYED",
    wrong: 200,
  },
  {
    stage: "credentials",
    title: "a secret too short to be told apart is used",
    prepare: ({ secrets }) => secrets.put("api-key", "short"),
    request: byToken(),
    believed: () => ({ credentials: new Map([["api-key", { value: new SecretValue("short"), version: "v2" }]]) }),
    right: "SECRET_TOO_SHORT",
    wrong: 200,
  },
  {
    stage: "build",
    title: "the caller's own token goes to the upstream in place of the credential",
    request: byToken(),
    believed: () => ({
      upstreamRequest: { method: "GET", target: "/base/v1/charges", headers: [["authorization", `Bearer ${TOKEN}`]], body: undefined },
    }),
    observe: ({ upstream }) => valuesOf(upstream.sent[0]!.headers, "authorization"),
    right: [`Bearer ${API_KEY}`],
    wrong: [`Bearer ${TOKEN}`],
  },
  {
    stage: "connect",
    title: "a name that points to the metadata service is dialled",
    prepare: ({ resolver }) => resolver.set("api.example.com", [METADATA]),
    request: byToken(),
    believed: () => ({ destination: { scheme: "https", host: "api.example.com", port: 443, address: METADATA } }),
    observe: ({ upstream }) => upstream.sent[0]?.destination.address,
    right: undefined,
    wrong: METADATA,
  },
  {
    stage: "forward",
    title: "the caller is answered though nothing was sent",
    request: byToken(),
    believed: () => ({ upstreamResponse: { status: 200, headers: [], body: Readable.from([]) } }),
    observe: ({ upstream }, { status }) => [status, upstream.sent.length],
    right: [200, 1],
    wrong: [200, 0],
  },
  {
    stage: "scrub",
    title: "the upstream gives the credential back",
    prepare: ({ upstream }) => {
      upstream.respond = () => ({ body: ECHO });
    },
    request: byToken(),
    believed: () => ({
      answer: { status: 200, headers: [], body: Readable.from([Buffer.from(ECHO)], { objectMode: false }) },
      scrubbed: { hits: 0 },
    }),
    observe: (_, { body }) => body,
    right: `your key is ${"*".repeat(API_KEY.length)}`,
    wrong: ECHO,
  },
];

describe.each(SCENARIOS)("without $stage $title", ({ stage, door, prepare, request = {}, believed, observe, right, wrong }) => {
  const look = observe ?? ((_: TestDoor, { code, status }: TestAnswer) => code ?? status);

  it(`comes out right with it`, async () => {
    const test = testDoor(door);
    await prepare?.(test);
    expect(look(test, await test.send(request))).toEqual(right);
  });

  it(`comes out wrong without it`, async () => {
    const test = testDoor(door);
    await prepare?.(test);
    expect(look(test, await test.send({ ...request, known: believed?.(test) ?? {} }, PIPELINE.without(stage)))).toEqual(wrong);
  });
});

it("has a scenario for every stage", () => {
  expect(SCENARIOS.map(({ stage }) => stage)).toEqual(PIPELINE.stages.map(({ name }) => name));
});

it("writes nothing down without record", async () => {
  const { door, audit, send } = testDoor();
  const message = {
    method: "GET",
    target: "/nowhere",
    headers: [["Host", OWN_AUTHORITY] as const],
    body: new RequestBody(),
    sourceAddress: undefined,
  };
  await PIPELINE.run(message, door);
  expect(audit.events).toEqual([]);
  await send({ target: "/nowhere" });
  expect(audit.events).toMatchObject([{ kind: "denial", reason: "PROOF_MISSING" }]);
});

it("fails closed when a stage is taken out and nothing stands in its place", async () => {
  for (const { name } of PIPELINE.stages.slice(0, 4)) {
    const { ask, upstream } = testDoor();
    expect(await ask({}, PIPELINE.without(name)), name).toMatchObject({ status: 403, code: "DENIED" });
    expect(upstream.sent).toEqual([]);
  }
});
