/** What the tour shows: each scene makes real calls and says in one line what came, to be held against its promise. */
import type { RecordedRequest } from "../../test/fakes/recorded-request.js";
import type { Upstream } from "../../test/fakes/upstream.js";
import type { Call, KeylessClient, Reply, SignedCall } from "./call.js";
import type { AuditLine, GatewayProcess } from "./gateway-process.js";

export interface Stage {
  readonly client: KeylessClient;
  readonly upstream: Upstream;
  readonly gateway: GatewayProcess;
}

export interface Outcome {
  /** Status, what the caller reads, the audit's reason, and how many calls reached the upstream. */
  readonly came: string;
  readonly upstreamSaw: string;
  readonly auditLine: string;
}

export interface Scene {
  readonly title: string;
  readonly promise: string;
  play(stage: Stage): Promise<Outcome>;
}

const CHARGE: Call = { method: "POST", target: "/acquirer/v1/charges", body: '{"amount":100,"currency":"eur"}' };
const CUSTOMERS: Call = { method: "GET", target: "/acquirer/v1/customers" };
const ECHO: Call = { method: "GET", target: "/acquirer/v1/charges/echo-body" };

export const SCENES: readonly Scene[] = [
  {
    title: "A keyless call: the door adds certificate, key and signature, and the upstream accepts all three",
    promise: "200 ok, audit granted, 1 call reached the upstream",
    play: (stage) => observe(stage, stage.client.sign(CHARGE)),
  },
  {
    title: "The same bytes again: a signed request passes once",
    promise: "409 REPLAYED, audit REPLAYED, 0 calls reached the upstream",
    play: async (stage) => {
      const charge = stage.client.sign(CHARGE);
      await observe(stage, charge);
      return observe(stage, charge);
    },
  },
  {
    title: "A body changed after signing",
    promise: "403 DENIED, audit SIGNATURE_INVALID, 0 calls reached the upstream",
    play: (stage) => observe(stage, { ...stage.client.sign(CHARGE), body: '{"amount":999,"currency":"eur"}' }),
  },
  {
    title: "A path outside the grant",
    promise: "403 DENIED, audit NOT_GRANTED, 0 calls reached the upstream",
    play: (stage) => observe(stage, stage.client.sign(CUSTOMERS)),
  },
  {
    title: "A call from another address (127.0.0.2)",
    promise: "403 DENIED, audit SOURCE_NOT_ALLOWED, 0 calls reached the upstream",
    play: (stage) => observe(stage, stage.client.sign(CHARGE), "127.0.0.2"),
  },
  {
    title: "An upstream that echoes the key it received",
    promise: "200 masked, audit granted, 1 call reached the upstream",
    play: (stage) => observe(stage, stage.client.sign(ECHO)),
  },
];

async function observe({ client, upstream, gateway }: Stage, call: SignedCall, localAddress?: string): Promise<Outcome> {
  const before = upstream.requests.length;
  const reply = await client.send(call, localAddress);
  const audit = await gateway.nextAuditLine();
  const reached = upstream.requests.slice(before);
  const calls = `${reached.length} call${reached.length === 1 ? "" : "s"}`;
  return {
    came: `${reply.status} ${wordFor(reply)}, audit ${audit.event.reason}, ${calls} reached the upstream`,
    upstreamSaw: reached.map(seen).join("; ") || "nothing",
    auditLine: told(audit),
  };
}

/** What the caller reads, in a word: the door's code, the check that failed upstream, `masked` where the key stood, or `ok`. */
function wordFor({ status, body }: Reply): string {
  if (status < 400) return /\*{12,}/.test(body) ? "masked" : /"ok":true/.test(body) ? "ok" : `unexpected ${body}`;
  const { type, failedCheck } = JSON.parse(body) as { type?: string; failedCheck?: string };
  return type?.split(":").at(-1)?.toUpperCase() ?? `upstream refuses: ${failedCheck}`;
}

const seen = ({ method, target, rawHeaders, clientCommonName }: RecordedRequest): string => {
  const signed = rawHeaders.some((name) => name.toLowerCase() === "x-signature");
  const bearer = rawHeaders.some((value) => value.startsWith("Bearer "));
  return `${method} ${target}, certificate of ${clientCommonName}, ${bearer ? "one bearer key" : "no key"}, ${signed ? "signed" : "not signed"}`;
};

const told = ({ event, line }: AuditLine): string => {
  const { seq, kind, caller, rule, source, scrubbed, hash } = event;
  const parts = [
    `#${seq}`,
    kind,
    caller && `caller ${caller}`,
    rule && `rule ${rule}`,
    source && `from ${source}`,
    scrubbed && `${scrubbed} masked`,
  ];
  return `${parts.filter(Boolean).join(", ")}, ${line.length} bytes, hash ${hash.slice(0, 12)}…`;
};
