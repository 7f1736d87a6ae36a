/**
 * What the handler itself costs a call once it is warm: all stages from the event to the result, audit and metrics too, in
 * processor time. Stores and upstream answer at once, for the rest of a call is waiting for them.
 */
import { hash } from "node:crypto";
import { Readable } from "node:stream";
import { emfMetrics } from "../../lib/adapters/aws/emf-metrics.js";
import { freezableClock } from "../../lib/adapters/aws/freezable-clock.js";
import { lambdaHandler } from "../../lib/adapters/aws/lambda-handler.js";
import { logAudit } from "../../lib/adapters/aws/log-audit.js";
import { systemClock, systemRandom } from "../../lib/adapters/local/system-ports.js";
import { createDoor } from "../../lib/pipeline/door.js";
import { compilePolicy, type PolicyDocument } from "../../lib/policy/index.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { MemoryCommitStore } from "../../lib/signing/replay.js";
import { API_IDS, apiGatewayEvent, hostOf, lambdaContext } from "../fakes/api-gateway.js";
import { CALLER_KEY, CALLER_KEY_ID, OUTBOUND_KEY, REQUEST_BODY, RESPONSE_BODY, UPSTREAM_TOKEN } from "./gateway/scenario.js";
import { compare, type Effort, type Line } from "./measure.js";

const CALLS = 3_000;
/** What the design allows: its peer, so that the ratio says whether it is kept. */
const GOAL_MICROSECONDS = 150;

const SECRETS: Readonly<Record<string, string>> = { "caller-key": CALLER_KEY, token: UPSTREAM_TOKEN, "outbound-key": OUTBOUND_KEY };
const HOST = "api.upstream.example";

/** A signed caller; a bearer credential goes in, and the call goes out signed. */
const POLICY: PolicyDocument = {
  version: 1,
  name: "bench",
  environment: "bench",
  secrets: Object.fromEntries(
    Object.keys(SECRETS).map((name) => [name, { source: { kind: "managed" as const }, allowedHosts: [HOST], maxAgeDays: 90 }]),
  ),
  signingProfiles: { outbound: { kind: "hmac", key: "outbound-key" } },
  callers: { payments: { kind: "hmac", key: "caller-key", keyId: CALLER_KEY_ID } },
  routes: { api: { owner: "bench", target: `https://${HOST}`, inject: [{ kind: "bearer", secret: "token" }], sign: "outbound" } },
  grants: { charge: { caller: "payments", route: "api", requests: ["POST /v1/charges"] } },
};

function openHandler() {
  const discard = async (): Promise<void> => {};
  const clock = freezableClock(systemClock);
  const metrics = emfMetrics({ clock, write: discard, dimensions: { door: "bench" } });
  const secrets = new Map(Object.entries(SECRETS).map(([name, text]) => [name, { value: new SecretValue(text), version: "1" }]));
  const door = createDoor({
    policy: compilePolicy(POLICY),
    clock,
    metrics,
    random: systemRandom,
    audit: logAudit(discard),
    commits: new MemoryCommitStore(),
    revocations: { revoked: async () => [] },
    secrets: { get: async (name) => secrets.get(name) },
    resolver: { resolve: async () => ["93.184.215.14"] },
    upstream: {
      send: async () => ({
        status: 200,
        headers: [["content-type", "application/json"]],
        body: Readable.from([Buffer.from(RESPONSE_BODY)]),
      }),
      close: discard,
    },
    isOwnAuthority: () => true,
  });
  const entrances = new Map([[API_IDS.signed, "signed"]] as const);
  return lambdaHandler(async () => ({ door, clock, metrics, entrances }));
}

const profile = hmacProfile({ form: "strict" });
const key = { id: CALLER_KEY_ID, secret: new SecretValue(CALLER_KEY) };
let calls = 0;

/** As the runtime gives it, signed anew. */
function signedEvent(): unknown {
  const [method, target, body] = ["POST", "/api/v1/charges", REQUEST_BODY];
  const headers = [["Content-Type", "application/json"]] as const;
  const nonce = hash("sha256", String(++calls), "base64url");
  const message = { method, target, headers, authority: hostOf(API_IDS.signed), body: Buffer.from(body) };
  const proof = profile.sign(message, key, { timestampSeconds: Math.floor(Date.now() / 1000), nonce });
  return JSON.parse(JSON.stringify(apiGatewayEvent({ method, target, body, headers: [...headers, ...proof] })));
}

export function warmHandler(effort: Effort): Promise<Line[]> {
  const handler = openHandler();
  const context = lambdaContext();
  const ours = async (): Promise<number> => {
    const events = Array.from({ length: CALLS * effort.timeScale }, signedEvent);
    const before = process.cpuUsage();
    for (const event of events) {
      const { statusCode, body } = await handler(event, context);
      if (statusCode !== 200) throw new Error(`an unexpected answer: ${statusCode} ${body}`);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / events.length;
  };
  const peers = { [`the goal of ${GOAL_MICROSECONDS} µs`]: () => GOAL_MICROSECONDS };
  return compare({ name: "warm handler", unit: "µs", better: "lower", ours, peers, warmUps: 2 }, effort);
}
