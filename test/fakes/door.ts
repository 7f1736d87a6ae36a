/** A whole door on memory ports, with one policy that most tests share and a client that signs as its caller does. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { HeaderList } from "../../lib/http/headers.js";
import { createDoor, type Door, type DoorOptions } from "../../lib/pipeline/door.js";
import { handle, type PIPELINE } from "../../lib/pipeline/handle.js";
import { RequestBody } from "../../lib/pipeline/request-body.js";
import { loadPolicy } from "../../lib/policy/load.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { canary } from "./canary.js";
import { type MemoryCommitStore, memoryCommitStore } from "./memory-commit-store.js";
import {
  type ManualClock,
  type MemorySecretStore,
  manualClock,
  memorySecretStore,
  type RecordingAuditSink,
  type RecordingMetricSink,
  recordingAuditSink,
  recordingMetricSink,
  seededRandom,
  type TableResolver,
  tableResolver,
} from "./memory-ports.js";
import { type MemoryUpstream, memoryUpstream } from "./memory-upstream.js";

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
export const OWN_AUTHORITY = "127.0.0.1:8080";
export const UPSTREAM_ADDRESS = "93.184.215.14";
/** Fit for a header, 60 bytes or more, changed by every encoding. */
export const API_KEY = canary("api-key");
/** What `payments` signs with. */
export const CALLER_KEY = canary("caller-key");
export const SIGNING_KEY = canary("signing-key");
/** What `batch` shows. */
export const TOKEN = canary("batch-token");

const managed = { source: { kind: "managed" }, maxAgeDays: 90 };

/** Caller `payments` signs, caller `batch` has a token; both may do everything below /v1 on `api`, which injects a bearer. */
export const POLICY = {
  version: 1,
  name: "test",
  environment: "test",
  secrets: {
    "caller-key": { ...managed, allowedHosts: [] },
    "api-key": { ...managed, allowedHosts: ["api.example.com"] },
    "signing-key": { ...managed, allowedHosts: ["api.example.com"] },
  },
  callers: {
    payments: { kind: "hmac", key: "caller-key", keyId: "payments-1" },
    batch: { kind: "bearer-token", sha256: createHash("sha256").update(TOKEN).digest("hex") },
  },
  routes: {
    api: { owner: "team-test", target: "https://api.example.com/base", inject: [{ kind: "bearer", secret: "api-key" }] },
  },
  grants: {
    "api-payments": { caller: "payments", route: "api", requests: ["GET /v1/**", "POST /v1/**", "HEAD /v1/**"] },
    "api-batch": { caller: "batch", route: "api", requests: ["GET /v1/**", "POST /v1/**", "HEAD /v1/**"] },
  },
};

export interface TestDoorOptions extends Partial<Omit<DoorOptions, "policy">> {
  /** Entries by section that join those of {@link POLICY} or replace them whole. */
  readonly policy?: Readonly<Record<string, object>>;
}

export interface TestRequest {
  /** Default: GET */
  readonly method?: string;
  /** Default: /api/v1/charges */
  readonly target?: string;
  /** Beside Host. */
  readonly headers?: HeaderList;
  readonly body?: string | Uint8Array | Readable;
  readonly declaredBytes?: number;
  readonly host?: string;
  /** Default: 10.1.2.3; null: unknown */
  readonly source?: string | null;
  readonly entranceRoute?: string;
  /** What stages that are taken out would have established. */
  readonly known?: object;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Latin-1. */
  readonly body: string;
  /** The last part of the problem document's `type`; undefined for other answers. */
  readonly code: string | undefined;
  /** Whether the body came to its end. */
  readonly complete: boolean;
}

export interface TestDoor {
  readonly door: Door;
  readonly clock: ManualClock;
  readonly secrets: MemorySecretStore;
  readonly commits: MemoryCommitStore;
  readonly audit: RecordingAuditSink;
  readonly metrics: RecordingMetricSink;
  readonly resolver: TableResolver;
  readonly upstream: MemoryUpstream;
  /** Sends a request as it is. */
  send(request: TestRequest, pipeline?: typeof PIPELINE): Promise<TestAnswer>;
  /** Sends a request with the token of `batch`. */
  ask(request?: TestRequest, pipeline?: typeof PIPELINE): Promise<TestAnswer>;
}

export const policyWith = (policy: TestDoorOptions["policy"] = {}) => {
  const sections = Object.entries(policy).map(([section, entries]) => [
    section,
    { ...(POLICY as unknown as Record<string, object>)[section], ...entries },
  ]);
  const text = JSON.stringify({ ...POLICY, ...Object.fromEntries(sections) });
  return loadPolicy([{ file: "policy.json", text }], { today: "2026-01-02" });
};

export function testDoor({ policy, ...overrides }: TestDoorOptions = {}): TestDoor {
  const clock = manualClock(NOW);
  const secrets = memorySecretStore({ "caller-key": CALLER_KEY, "api-key": API_KEY, "signing-key": SIGNING_KEY });
  const commits = memoryCommitStore();
  const audit = recordingAuditSink();
  const metrics = recordingMetricSink();
  const resolver = tableResolver({ "api.example.com": [UPSTREAM_ADDRESS] });
  const upstream = memoryUpstream();
  const isOwnAuthority = (authority: string) => authority === OWN_AUTHORITY;
  const ports = { clock, random: seededRandom("door"), secrets, commits, audit, metrics, resolver, upstream, isOwnAuthority };
  const door = createDoor({ ...ports, ...overrides, policy: policyWith(policy) });

  const send: TestDoor["send"] = async (request, pipeline) => {
    const { method = "GET", target = "/api/v1/charges", headers = [], host = OWN_AUTHORITY, body, declaredBytes } = request;
    const { source = "10.1.2.3", entranceRoute, known } = request;
    const answer = await handle(
      {
        method,
        target,
        headers: [["Host", host], ...headers],
        body: new RequestBody(typeof body === "string" ? Buffer.from(body) : body, declaredBytes),
        sourceAddress: source ?? undefined,
        entranceRoute,
        ...known,
      },
      door,
      pipeline,
    );
    const bytes = answer.body instanceof Uint8Array ? Buffer.from(answer.body) : await buffer(answer.body).catch(() => undefined);
    await answer.settle({ bytes: bytes?.length ?? 0, complete: bytes !== undefined });
    const text = bytes?.toString("latin1") ?? "";
    const isProblem = answer.headers.some(([, value]) => value === "application/problem+json");
    const code = isProblem ? String(JSON.parse(text).type).split(":").at(-1)?.toUpperCase() : undefined;
    return { status: answer.status, headers: answer.headers, body: text, code, complete: bytes !== undefined };
  };
  const ask: TestDoor["ask"] = (request = {}, pipeline) =>
    send({ ...request, headers: [["Sallyport-Authorization", `Bearer ${TOKEN}`], ...(request.headers ?? [])] }, pipeline);
  return { door, clock, secrets, commits, audit, metrics, resolver, upstream, send, ask };
}

const CALLER_PROFILE = hmacProfile({ form: "strict" });

export interface SignedAs {
  readonly key?: string;
  readonly keyId?: string;
  readonly timestampMs?: number;
  readonly nonce?: string;
}

/** The request with the proof of `payments`, over exactly what it holds. */
export function signed(request: TestRequest & { readonly body?: string | Uint8Array } = {}, as: SignedAs = {}): TestRequest {
  const { method = "GET", target = "/api/v1/charges", headers = [], host = OWN_AUTHORITY, body = "" } = request;
  const { key = CALLER_KEY, keyId = "payments-1", timestampMs = NOW, nonce = "nonce-0123456789" } = as;
  const proof = CALLER_PROFILE.sign(
    { method, target, authority: host, headers, body: typeof body === "string" ? Buffer.from(body) : body },
    { id: keyId, secret: new SecretValue(key) },
    { timestampSeconds: Math.floor(timestampMs / 1000), nonce },
  );
  return { ...request, headers: [...headers, ...proof] };
}

/** All values of a header of a request that was sent. @param name lower case */
export const valuesOf = (headers: HeaderList, name: string): string[] =>
  headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
