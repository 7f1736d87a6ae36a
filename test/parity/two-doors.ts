/**
 * The gateway and the Lambda function, each a door of its own over memory ports that stand still alike: the same clock,
 * the same randomness, the same stores. What one does with a request can be compared with what the other does.
 */
import { freezableClock } from "../../lib/adapters/aws/freezable-clock.js";
import { lambdaHandler } from "../../lib/adapters/aws/lambda-handler.js";
import { startGateway } from "../../lib/adapters/local/gateway.js";
import { undiciUpstream } from "../../lib/adapters/undici-upstream.js";
import { createDoor, type Door, type DoorOptions } from "../../lib/pipeline/door.js";
import type { Policy } from "../../lib/policy/compile.js";
import { API_IDS, apiGatewayEvent, hostOf, lambdaContext } from "../fakes/api-gateway.js";
import { API_KEY, CALLER_KEY, NOW, SIGNING_KEY } from "../fakes/door.js";
import { LOOPBACK } from "../fakes/gateway.js";
import { memoryCommitStore } from "../fakes/memory-commit-store.js";
import {
  manualClock,
  memorySecretStore,
  recordingAuditSink,
  recordingMetricSink,
  seededRandom,
  tableResolver,
} from "../fakes/memory-ports.js";
import { sendRaw } from "../fakes/raw-http.js";
import type { RawUpstream } from "../fakes/raw-upstream.js";
import { UPSTREAM_NAME } from "./policy.js";
import type { ParityRequest } from "./requests.js";

export interface ParityAnswer {
  readonly status: number | undefined;
  /** Lower-case names with their values, less what frames the answer on its own hop. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Latin-1. */
  readonly body: string;
}

const memoryPorts = () => ({
  clock: manualClock(NOW),
  random: seededRandom("parity"),
  secrets: memorySecretStore({ "caller-key": CALLER_KEY, "api-key": API_KEY, "signing-key": SIGNING_KEY }),
  commits: memoryCommitStore(),
  audit: recordingAuditSink(),
  metrics: recordingMetricSink(),
  resolver: tableResolver({ [UPSTREAM_NAME]: ["127.0.0.1"] }),
  revocations: { revoked: async (names: readonly string[]) => names.filter((name) => name === "callers/revoked") },
});
type MemoryPorts = ReturnType<typeof memoryPorts>;

/** Does something to the ports of a door before it opens. */
export type Trouble = (ports: MemoryPorts) => unknown;
export const replacing =
  (options: Partial<Ports>): Trouble =>
  (ports) =>
    Object.assign(ports, options);

interface Opened {
  readonly door: Door;
  send(request: ParityRequest): Promise<ParityAnswer>;
  close(): Promise<void>;
}
type Ports = Omit<DoorOptions, "isOwnAuthority" | "policy">;
type Open = (options: Ports & { readonly policy: Policy }) => Promise<Opened>;

const OWN_AUTHORITY = hostOf(API_IDS.signed);

const openGateway: Open = async (options) => {
  const gateway = await startGateway({ ...options, listeners: [{ host: "127.0.0.1", port: 0 }], authorities: [OWN_AUTHORITY] });
  const { port } = gateway.listening[0]!;
  return {
    door: gateway.door,
    send: async (request) => {
      const { status, text } = await sendRaw({ port, localAddress: request.source }, wireBytes(request));
      const [head = "", ...rest] = text.split("\r\n\r\n");
      const lines = head
        .split("\r\n")
        .slice(1)
        .map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]);
      return { status, headers: ofTheMessage(lines), body: rest.join("\r\n\r\n") };
    },
    close: () => gateway.close(0),
  };
};

/** What the last header says is between this client and the gateway: API Gateway answers the same on its own connections. */
function wireBytes({ method, target, host, headers, body }: ParityRequest): Buffer {
  const framing = [...(body.length > 0 ? [["Content-Length", body.length]] : []), ["Connection", "close"]];
  const lines = [["Host", host], ...headers, ...framing].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

const openLambda: Open = async (options) => {
  const door = createDoor({ ...options, isOwnAuthority: (authority) => authority === OWN_AUTHORITY });
  const metrics = { ...options.metrics, flush: async () => {} };
  const entrances = new Map([[API_IDS.signed, "signed"]] as const);
  const handler = lambdaHandler(async () => ({ door, metrics, entrances, clock: freezableClock(options.clock) }));
  return {
    door,
    send: async ({ source: sourceIp, body, ...request }) => {
      const event = apiGatewayEvent({ ...request, sourceIp, receivedAt: NOW, ...(body.length > 0 && { body }) });
      const result = await handler(JSON.parse(JSON.stringify(event)), lambdaContext());
      const lines = Object.entries(result.multiValueHeaders).flatMap(([name, values]) => values.map((value) => [name, value] as const));
      const text = Buffer.from(result.body, result.isBase64Encoded ? "base64" : "utf8").toString("latin1");
      return { status: result.statusCode, headers: ofTheMessage(lines), body: request.method === "HEAD" ? "" : text };
    },
    close: () => door.upstream.close(),
  };
};

const FRAMING = new Set(["connection", "content-length", "date"]);

function ofTheMessage(lines: readonly (readonly [name: string, value: string])[]): ParityAnswer["headers"] {
  const byName: Record<string, string[]> = {};
  for (const [name, value] of lines) {
    const lower = name.toLowerCase();
    if (!FRAMING.has(lower)) byName[lower] = [...(byName[lower] ?? []), value];
  }
  return byName;
}

/** The gateway streams: what it has read of a body when it writes is a matter of time. */
const withoutBytes = ({ requestBytes: _, ...event }: Readonly<Record<string, unknown>>) => event;

/** Everything that a door did with the requests it was sent. */
async function runOf(open: Open, { policy, ca, upstream }: Setting, requests: readonly ParityRequest[], trouble: Trouble) {
  const ports = memoryPorts();
  const sentBefore = upstream.requests.length;
  trouble(ports);
  const { door, send, close } = await open({ upstream: undiciUpstream({ ca }), ...ports, policy, allowUpstream: LOOPBACK });
  const answers: ParityAnswer[] = [];
  try {
    for (const request of requests) answers.push(await send(request));
    while (door.load.calls > 0) await new Promise(setImmediate); // Outcomes are written after the answer.
  } finally {
    await close();
  }
  const { audit, commits, metrics } = ports;
  const sent = upstream.requests.slice(sentBefore);
  const claims = commits.commits.map((commit) => ({ ...commit, intent: withoutBytes(commit.intent) }));
  return { answers, sent, claims, events: audit.events.map(withoutBytes), metrics: metrics.samples };
}

/** What both doors have in common. */
export interface Setting {
  readonly policy: Policy;
  readonly upstream: RawUpstream;
  /** PEM of the authority that the upstream's certificate comes from. */
  readonly ca: string;
}

/** Sends the same requests, in turn, to a new door of either kind. */
export async function runBoth(setting: Setting, requests: readonly ParityRequest[], trouble: Trouble = () => {}) {
  const gateway = await runOf(openGateway, setting, requests, trouble);
  const lambda = await runOf(openLambda, setting, requests, trouble);
  return { gateway, lambda };
}
