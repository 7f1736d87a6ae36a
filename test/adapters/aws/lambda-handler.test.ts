import { createHash, randomUUID } from "node:crypto";
import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsDoor, type AwsDoorOptions, openAwsDoor } from "../../../lib/adapters/aws/aws-door.js";
import { type Deployment, deployedPolicy } from "../../../lib/adapters/aws/deployment.js";
import { REVOCATIONS_KEY } from "../../../lib/adapters/aws/dynamodb-revocations.js";
import { type LambdaHandler, lambdaHandler } from "../../../lib/adapters/aws/lambda-handler.js";
import { undiciUpstream } from "../../../lib/adapters/undici-upstream.js";
import { readChainLine } from "../../../lib/audit/chain.js";
import { SallyportError } from "../../../lib/errors.js";
import { parseCidr } from "../../../lib/net/cidr.js";
import type { PolicyDocument } from "../../../lib/policy/document.generated.js";
import { canonicalPolicy, policyVersion } from "../../../lib/policy/version.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { canonicalTarget } from "../../../lib/signing/canonical-target.js";
import { hmacProfile } from "../../../lib/signing/hmac.js";
import { API_IDS, type ApiGatewayRequest, apiGatewayEvent, hostOf, lambdaContext } from "../../fakes/api-gateway.js";
import { canary, expectNoCanary, findCanary } from "../../fakes/canary.js";
import { createAuthority } from "../../fakes/certificates.js";
import { type Dynalite, dynamodbClient, startDynalite, TABLE } from "../../fakes/dynalite.js";
import { tableResolver } from "../../fakes/memory-ports.js";
import { headerValues } from "../../fakes/recorded-request.js";
import { arnOf, type FakeSecretsManager, startSecretsManager } from "../../fakes/secrets-manager.js";
import { startUpstream, type Upstream } from "../../fakes/upstream.js";
import { BEHAVIOURS, send } from "../../fakes/upstream-behaviours.js";

const HOST = "api.upstream.example";
const API_KEY = canary("api-key");
const CALLER_KEY = canary("caller-key");
const TOKEN = canary("token");
const ROLE_ARN = "arn:aws:sts::222222222222:assumed-role/oncall/alice@acme.example";
const BINARY = Buffer.from([0, 255, 128, 13, 10, 195, 40]);

const document = (port: number): PolicyDocument => ({
  version: 1,
  name: "door",
  environment: "test",
  secrets: {
    "api-key": { source: { kind: "managed", field: "apiKey" }, allowedHosts: [`${HOST}:${port}`], maxAgeDays: 90 },
    "caller-key": { source: { kind: "managed" }, allowedHosts: [], maxAgeDays: 90 },
  },
  callers: {
    payments: { kind: "hmac", key: "caller-key", keyId: "payments-1" },
    batch: { kind: "bearer-token", sha256: createHash("sha256").update(TOKEN).digest("hex") },
    oncall: { kind: "iam-role", account: "222222222222", roleName: "oncall", person: "session-name" },
  },
  routes: {
    api: { owner: "team", target: `https://${HOST}:${port}/base`, inject: [{ kind: "bearer", secret: "api-key" }] },
  },
  grants: {
    "api-payments": { caller: "payments", route: "api", requests: ["GET /v1/**", "POST /v1/**"] },
    "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**"] },
    "api-oncall": { caller: "oncall", route: "api", requests: ["GET /v1/**"] },
  },
});

let dynalite: Dynalite;
let secrets: FakeSecretsManager;
let upstream: Upstream;
let ca: string;
let lines: string[];
let handler: LambdaHandler;

beforeAll(async () => {
  const authority = await createAuthority("Test authority");
  const { certificatePem: cert, privateKeyPem: key } = await authority.issue({ commonName: HOST, dnsNames: [HOST] });
  ca = authority.certificatePem;
  dynalite = await startDynalite();
  secrets = await startSecretsManager();
  upstream = await startUpstream({
    key,
    cert,
    expectations: { bearer: API_KEY },
    respond: ({ target }) =>
      target.startsWith("/base/v1/binary")
        ? ({ response, request }) => send(response, 200, {}, request.body)
        : BEHAVIOURS[lastSegment(target)],
  });
});
afterAll(async () => {
  await Promise.all([dynalite.stop(), secrets.stop(), upstream.close()]);
});

const lastSegment = (target: string) => target.split("?")[0]!.split("/").at(-1)!;

const deploymentOf = (policy: PolicyDocument): Deployment => ({
  policy: deployedPolicy(canonicalPolicy(policy), policyVersion(policy)),
  bindings: {
    secrets: { "api-key": arnOf("api-key"), "caller-key": arnOf("caller-key") },
    certificates: {},
    commitTable: TABLE,
    entrances: API_IDS,
  },
  secretFreshMs: 60_000,
  secretMaxStaleMs: 300_000,
  revocationPollMs: 0,
  allowUpstream: [parseCidr("127.0.0.0/8")!],
});

const open = (change: Partial<AwsDoorOptions> = {}): Promise<AwsDoor> =>
  openAwsDoor({
    deployment: deploymentOf(document(upstream.port)),
    dynamodb: dynalite.client,
    secretsManager: secrets.client,
    resolver: tableResolver({ [HOST]: ["127.0.0.1"] }),
    upstream: undiciUpstream({ ca }),
    write: async (line) => void lines.push(line),
    ...change,
  });

beforeEach(() => {
  lines = [];
  secrets.put(arnOf("api-key"), JSON.stringify({ apiKey: API_KEY }));
  secrets.put(arnOf("caller-key"), CALLER_KEY);
  handler = lambdaHandler(open);
});

const profile = hmacProfile({ form: "strict" });

/** As a caller does it: the canonical target is what is signed. */
function signed(request: ApiGatewayRequest): ApiGatewayRequest {
  const { method = "GET", target, headers = [], body = "" } = request;
  const proof = profile.sign(
    { method, authority: hostOf(API_IDS.signed), target: canonicalTarget(target), headers, body: Buffer.from(body) },
    { id: "payments-1", secret: new SecretValue(CALLER_KEY) },
    { timestampSeconds: Math.floor(Date.now() / 1000), nonce: randomUUID() },
  );
  return { ...request, headers: [...headers, ...proof] };
}

const call = (request: ApiGatewayRequest, context = lambdaContext()) => handler(apiGatewayEvent(request), context);
const callAsRole = (request: ApiGatewayRequest) => call({ apiId: API_IDS.iam, userArn: ROLE_ARN, ...request });
const callWithToken = (target: string) => call({ target, headers: [["Authorization", `Bearer ${TOKEN}`]] });

const events = () => lines.map((line) => readChainLine(line)?.event).filter((event) => event !== undefined);
const lastEvent = () => events().at(-1);
const metric = (name: string) => lines.map((line) => JSON.parse(line)).filter((line) => name in line);
const codeOf = ({ body }: { body: string }) => JSON.parse(body).type.split(":").at(-1);

/** Every denial: the upstream saw no connection. */
async function refused(make: () => ReturnType<typeof call>) {
  const connections = upstream.connections;
  const result = await make();
  expect(upstream.connections).toBe(connections);
  return result;
}

describe("a signed call", () => {
  it("reaches its upstream with the credential and without the proof, in canonical form", async () => {
    const result = await call(
      signed({ method: "POST", target: "/api/v1/charges?b=2&a=1+1", headers: [["Content-Type", "text/plain"]], body: "x" }),
    );
    expect(result).toMatchObject({ statusCode: 200, body: '{"ok":true,"method":"POST","bodyBytes":1}', isBase64Encoded: false });
    const request = upstream.requests.at(-1)!;
    expect(request).toMatchObject({ method: "POST", target: "/base/v1/charges?a=1%201&b=2", serverName: HOST });
    expect(headerValues(request, "authorization")).toEqual([`Bearer ${API_KEY}`]);
    const names = request.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual(["accept-encoding", "authorization", "connection", "content-length", "content-type", "host"]);
  });

  it("leaves its intent in the table, its outcome in the log, and its metrics beside", async () => {
    await call(signed({ target: "/api/v1/charges" }));
    expect(events().map(({ kind, reason }) => [kind, reason])).toEqual([
      ["lifecycle", undefined],
      ["outcome", "granted"],
    ]);
    expect(lastEvent()).toMatchObject({ caller: "payments", proof: "hmac", rule: "api-payments", source: "10.1.2.3", status: 200 });
    expect(metric("sallyport_requests_total")).toEqual([
      expect.objectContaining({
        door: "door",
        environment: "test",
        route: "api",
        decision: "allow",
        reason: "granted",
        sallyport_requests_total: 1,
      }),
    ]);
    expect(metric("sallyport_request_duration_seconds")).toHaveLength(1);
  });

  it("is refused the second time", async () => {
    const request = signed({ target: "/api/v1/charges" });
    expect((await call(request)).statusCode).toBe(200);
    const again = await refused(() => call(request));
    expect([again.statusCode, codeOf(again)]).toEqual([409, "replayed"]);
    expect(metric("sallyport_replays_refused_total")).toHaveLength(1);
  });

  it("passes once of 100 concurrent copies, at two instances", async () => {
    const request = apiGatewayEvent(signed({ target: "/api/v1/charges" }));
    const handlers = [handler, lambdaHandler(open)];
    const before = upstream.requests.length;
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => handlers[i % 2]!(request, lambdaContext())));
    const statuses = results.map(({ statusCode }) => statusCode);
    expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 409).length]).toEqual([1, 99]);
    expect(upstream.requests.length - before).toBe(1);
  });

  it("is refused when the query is another than was signed", async () => {
    const { headers } = signed({ target: "/api/v1/charges?amount=1" });
    const result = await refused(() => call({ target: "/api/v1/charges?amount=2", headers: headers! }));
    expect([result.statusCode, codeOf(result)]).toEqual([403, "denied"]);
    expect(lastEvent()).toMatchObject({ kind: "denial", reason: "SIGNATURE_INVALID" });
  });

  it("carries a binary body there and back", async () => {
    const result = await call(signed({ method: "POST", target: "/api/v1/binary", body: BINARY }));
    expect(upstream.requests.at(-1)!.body).toEqual(BINARY);
    expect(result).toMatchObject({ isBase64Encoded: true, body: BINARY.toString("base64") });
  });

  it("never gets the credential back", async () => {
    const result = await call(signed({ target: "/api/v1/echo-body" }));
    expect(result.statusCode).toBe(200);
    expect(findCanary(JSON.stringify(result), [API_KEY])).toEqual([]);
    expect(lastEvent()).toMatchObject({ scrubbed: 1 });
  });
});

describe("a call with a token", () => {
  it("passes where it is granted", async () => {
    expect((await callWithToken("/api/v1/charges")).statusCode).toBe(200);
    expect(lastEvent()).toMatchObject({ caller: "batch", proof: "bearer-token" });
  });

  it("is told that the answer is over Lambda's 6 MB", async () => {
    const result = await callWithToken("/api/v1/large");
    expect([result.statusCode, codeOf(result)]).toEqual([502, "response_over_platform_limit"]);
    expect(lastEvent()).toMatchObject({ kind: "outcome", reason: "RESPONSE_OVER_PLATFORM_LIMIT", status: 502 });
  });

  it.each(["hang", "stall"])(
    "is told of the platform's limit, before the platform is, when the upstream does not end (%s)",
    async (behaviour) => {
      const request = { target: `/api/v1/${behaviour}`, headers: [["Authorization", `Bearer ${TOKEN}`]] as const };
      const result = await call(request, lambdaContext(1_300));
      expect([result.statusCode, codeOf(result)]).toEqual([504, "platform_timeout"]);
      expect(JSON.parse(result.body).title).toBe("the answer was not there within API Gateway's limit of 29 seconds");
      expect(lastEvent()).toMatchObject({ kind: "outcome", reason: "PLATFORM_TIMEOUT", status: 504 });
    },
  );
});

describe("a call of an IAM role", () => {
  it("passes on the platform's word, and its person stands in the audit", async () => {
    const headers = [
      ["Authorization", "AWS4-HMAC-SHA256 Credential=ASIA"],
      ["X-Amz-Security-Token", "session-token"],
    ] as const;
    const result = await callAsRole({ target: "/api/v1/charges", headers });
    expect(result.statusCode).toBe(200);
    expect(lastEvent()).toMatchObject({ caller: "oncall", proof: "iam-role", details: { person: "alice@acme.example" } });
    expect(upstream.requests.at(-1)!.rawHeaders.join()).not.toContain("session-token");
  });

  it("keeps the person in the audit of a denial", async () => {
    await refused(() => callAsRole({ method: "POST", target: "/api/v1/charges" }));
    expect(lastEvent()).toMatchObject({ reason: "NOT_GRANTED", details: { person: "alice@acme.example" } });
  });

  it.each([
    ["another account", ROLE_ARN.replace("222222222222", "333333333333")],
    ["another role", ROLE_ARN.replace("oncall", "Oncall")],
  ])("is nobody's from %s", async (_, userArn) => {
    expect((await refused(() => callAsRole({ target: "/api/v1/charges", userArn }))).statusCode).toBe(403);
    expect(lastEvent()).toMatchObject({ reason: "CALLER_UNKNOWN", details: { kind: "iam-role" } });
  });

  it.each([
    ["a user", "arn:aws:iam::222222222222:user/oncall"],
    ["another partition", ROLE_ARN.replace("arn:aws:", "arn:aws-cn:")],
  ])("has no proof when it is of %s", async (_, userArn) => {
    await refused(() => callAsRole({ target: "/api/v1/charges", userArn }));
    expect(lastEvent()).toMatchObject({ reason: "PROOF_MISSING" });
  });

  it("has no proof at the entrance that verifies none", async () => {
    await refused(() => call({ target: "/api/v1/charges", userArn: ROLE_ARN }));
    expect(lastEvent()).toMatchObject({ reason: "PROOF_MISSING" });
  });

  it.each(["X-Signature", "Sallyport-Authorization"])("is refused beside a second proof in %s", async (header) => {
    await refused(() => callAsRole({ target: "/api/v1/charges", headers: [[header, "Bearer x"]] }));
    expect(lastEvent()).toMatchObject({ reason: "PROOF_MALFORMED", details: { header: header.toLowerCase() } });
  });
});

describe("an invocation that is not an entrance's", () => {
  const direct = { Records: [] };
  const foreign = () =>
    apiGatewayEvent({ target: "/api/v1/charges", apiId: "z9z9z9z9z9", headers: [["Authorization", `Bearer ${TOKEN}`]] });

  it.each([
    ["another API", foreign, { apiId: "z9z9z9z9z9" }],
    ["nobody's event", () => direct, { what: "not an event of an API Gateway REST API" }],
  ])("is denied, told and counted: %s", async (_, event, details) => {
    const result = await refused(() => handler(event(), lambdaContext()));
    expect([result.statusCode, codeOf(result)]).toEqual([403, "denied"]);
    expect(lastEvent()).toMatchObject({ kind: "denial", reason: "INVOKER_UNKNOWN", details });
    expect(metric("sallyport_requests_total")).toEqual([expect.objectContaining({ decision: "deny", reason: "INVOKER_UNKNOWN" })]);
  });

  it.each([
    ["another host", "evil.example"],
    ["another API's host", hostOf("z9z9z9z9z9")],
    ["an entrance's id elsewhere", `${API_IDS.signed}.evil.example`],
  ])("is no better with %s", async (_, host) => {
    const event = apiGatewayEvent({ target: "/api/v1/charges", headers: [["Authorization", `Bearer ${TOKEN}`]] });
    const result = await refused(() =>
      handler({ ...event, multiValueHeaders: { ...event.multiValueHeaders, Host: [host] } }, lambdaContext()),
    );
    expect([result.statusCode, codeOf(result)]).toEqual([400, "host_unknown"]);
  });
});

describe("a revocation", () => {
  const revoke = (...names: string[]) =>
    dynalite.client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { claim: { S: REVOCATIONS_KEY } },
        UpdateExpression: "ADD revoked :names",
        ExpressionAttributeValues: { ":names": { SS: names } },
      }),
    );
  const lift = () => dynalite.client.send(new DeleteItemCommand({ TableName: TABLE, Key: { claim: { S: REVOCATIONS_KEY } } }));

  it.each(["callers/payments", "secrets/api-key", "secrets/caller-key"])(
    "of %s takes effect at an instance that is running",
    async (name) => {
      expect((await call(signed({ target: "/api/v1/charges" }))).statusCode).toBe(200);
      await revoke(name);
      const result = await refused(() => call(signed({ target: "/api/v1/charges" })));
      expect([result.statusCode, codeOf(result)]).toEqual([403, "denied"]);
      expect(lastEvent()).toMatchObject({ reason: "REVOKED", details: { revoked: [name] } });
      await lift();
      expect((await call(signed({ target: "/api/v1/charges" }))).statusCode).toBe(200);
    },
  );

  it("leaves others alone", async () => {
    await revoke("callers/payments");
    expect((await callWithToken("/api/v1/charges")).statusCode).toBe(200);
    await lift();
  });
});

describe("a store that is down", () => {
  it("denies calls when what is revoked is not known", async () => {
    const dynamodb = dynamodbClient("http://127.0.0.1:9");
    handler = lambdaHandler(() => open({ dynamodb }));
    const result = await refused(() => callWithToken("/api/v1/charges"));
    expect(result).toMatchObject({ statusCode: 503, multiValueHeaders: { "retry-after": ["1"] } });
    expect(lastEvent()).toMatchObject({ reason: "REVOCATIONS_UNKNOWN" });
    dynamodb.destroy();
  });

  it("denies calls that would go without the credential", async () => {
    secrets.fail("InternalServiceError", 3);
    const result = await refused(() => callWithToken("/api/v1/charges"));
    expect([result.statusCode, codeOf(result), result.multiValueHeaders["retry-after"]]).toEqual([503, "secret_unavailable", ["1"]]);
    expect(lastEvent()).toMatchObject({ reason: "SECRET_UNAVAILABLE", details: { secret: "api-key" } });
  });

  it("takes back the claim of a call that did not begin", async () => {
    secrets.remove(arnOf("api-key"));
    const request = signed({ target: "/api/v1/charges" });
    expect(codeOf(await refused(() => call(request)))).toBe("secret_missing");
    secrets.put(arnOf("api-key"), JSON.stringify({ apiKey: API_KEY }));
    handler = lambdaHandler(open); // Whose cache does not know that there was none.
    expect((await call(request)).statusCode).toBe(200);
  });
});

describe("a door that cannot be opened", () => {
  it("denies every call, says why in the log, and opens when it can", async () => {
    let failures = 2;
    const fault = new SallyportError("POLICY_INVALID", { found: "abc" });
    handler = lambdaHandler(
      () => (failures-- > 0 ? Promise.reject(fault) : open()),
      async (line) => void lines.push(line),
    );
    for (let i = 0; i < 2; i++) {
      const result = await refused(() => callWithToken("/api/v1/charges"));
      expect([result.statusCode, codeOf(result)]).toEqual([503, "overloaded"]);
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({
        kind: "denial",
        reason: "POLICY_INVALID",
        requestId: lambdaContext().awsRequestId,
        details: { found: "abc", cause: fault.message },
      });
    }
    expect((await callWithToken("/api/v1/charges")).statusCode).toBe(200);
  });
});

describe("an instance that was frozen", () => {
  const thawed = async (idleMs: number) => {
    const opened = await open();
    let closed = 0;
    const door = { ...opened.door, upstream: { ...opened.door.upstream, close: async () => void closed++ } };
    handler = lambdaHandler(async () => ({ ...opened, door, clock: { ...opened.clock, catchUp: () => idleMs } }));
    expect((await callWithToken("/api/v1/charges")).statusCode).toBe(200);
    return closed;
  };

  it("uses no connection that may have died meanwhile", async () => {
    expect(await thawed(4_001)).toBe(1);
  });

  it("keeps its connections between calls that follow each other", async () => {
    expect(await thawed(4_000)).toBe(0);
  });
});

it("names at its start the callers that it cannot verify, and the networks that are opened to upstreams", async () => {
  const policy = document(upstream.port);
  const callers = { ...policy.callers, ci: { kind: "github-actions" as const, repository: "acme/app" } };
  await open({ deployment: deploymentOf({ ...policy, callers }) });
  const details = {
    unverifiableCallers: [{ name: "ci", kind: "github-actions" }],
    warnings: ["upstreams may be in 127.0.0.0/8, public or not"],
  };
  expect(lastEvent()).toMatchObject({ kind: "lifecycle", action: "started", details });
});

it("writes no secret to its log, whatever happens, and a scan for them would find one", async () => {
  await call(signed({ target: "/api/v1/echo-error" }));
  await callWithToken("/api/v1/echo-header");
  await callWithToken("/api/v2/nothing");
  await call({ target: `/api/v1/charges?key=${encodeURIComponent(TOKEN)}`, headers: [["X-Signature", "sha256=0"]] });
  expect(lines.length).toBeGreaterThan(8);
  expectNoCanary("the log", lines.join("\n"), [API_KEY, CALLER_KEY, TOKEN]);
  expect(() => expectNoCanary("the log", `${lines.join("\n")}${TOKEN}`, [API_KEY, CALLER_KEY, TOKEN])).toThrow("canary in the log");
});
