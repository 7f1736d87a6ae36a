/** A real gateway on loopback, before a real upstream over TLS, with clients that see every byte. Memory stores, system clock. */
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type GatewayOptions, startGateway } from "../../lib/adapters/local/gateway.js";
import type { Listener } from "../../lib/adapters/local/listener.js";
import { systemClock, systemRandom, systemResolver } from "../../lib/adapters/local/system-ports.js";
import { undiciUpstream } from "../../lib/adapters/undici-upstream.js";
import { CidrSet, parseCidr } from "../../lib/net/cidr.js";
import { type Authority, type CertificateRequest, createAuthority, type IssuedCertificate } from "./certificates.js";
import { API_KEY, CALLER_KEY, policyWith, SIGNING_KEY, signed, TOKEN } from "./door.js";
import { memoryCommitStore } from "./memory-commit-store.js";
import { memorySecretStore, recordingAuditSink, recordingMetricSink } from "./memory-ports.js";
import { type RawAnswer, sendRaw } from "./raw-http.js";
import { startUpstream, type UpstreamOptions } from "./upstream.js";

export const SERVER_NAME = "api.example.com";
export const LOOPBACK = new CidrSet([parseCidr("127.0.0.0/8")!]);

let shared: Promise<{ authority: Authority; server: IssuedCertificate }> | undefined;
/** One authority and one certificate of {@link SERVER_NAME} a test file. */
export const sharedAuthority = () => {
  shared ??= createAuthority("Test Root").then(async (authority) => ({
    authority,
    server: await authority.issue({ commonName: SERVER_NAME, dnsNames: [SERVER_NAME] }),
  }));
  return shared;
};

export interface TestGatewayOptions extends Partial<Omit<GatewayOptions, "policy">> {
  /** Fields of the route `api`. */
  readonly route?: object;
  readonly policy?: Readonly<Record<string, object>>;
  readonly upstreamOptions?: Partial<UpstreamOptions>;
  /** A certificate of the upstream's own. */
  readonly certificate?: Partial<CertificateRequest>;
}

const GRANTS = ["GET", "POST", "PUT", "HEAD"].map((method) => `${method} /v1/**`);

/** @param whenDone takes what stops it: vitest's `onTestFinished` */
export async function testGateway(options: TestGatewayOptions, whenDone: (stop: () => Promise<void>) => void) {
  const { route, policy, upstreamOptions, certificate, listeners = [{ host: "127.0.0.1", port: 0 }], ...ports } = options;
  const { authority, server } = await sharedAuthority();
  const { certificatePem, privateKeyPem } = certificate ? await authority.issue({ commonName: SERVER_NAME, ...certificate }) : server;
  const upstream = await startUpstream({ key: privateKeyPem, cert: certificatePem, ...upstreamOptions });
  const secrets = memorySecretStore({ "caller-key": CALLER_KEY, "api-key": API_KEY, "signing-key": SIGNING_KEY });
  const commits = memoryCommitStore();
  const audit = recordingAuditSink();
  const metrics = recordingMetricSink();
  const api = {
    owner: "team-test",
    target: `https://${SERVER_NAME}:${upstream.port}`,
    inject: [{ kind: "bearer", secret: "api-key" }],
    ...route,
  };
  const gateway = await startGateway({
    listeners,
    clock: systemClock,
    random: systemRandom,
    resolver: systemResolver({ [SERVER_NAME]: ["127.0.0.1"] }),
    upstream: undiciUpstream({ ca: authority.certificatePem }),
    allowUpstream: LOOPBACK,
    secrets,
    commits,
    audit,
    metrics,
    ...ports,
    policy: policyWith({
      ...policy,
      routes: { api, ...policy?.routes },
      grants: {
        "api-payments": { caller: "payments", route: "api", requests: GRANTS },
        "api-batch": { caller: "batch", route: "api", requests: GRANTS },
        ...policy?.grants,
      },
    }),
  });
  const stop = async () => {
    await gateway.close(0);
    await upstream.close();
  };
  whenDone(stop);
  const { port } = gateway.listening[0]!;
  return { gateway, upstream, secrets, commits, audit, metrics, port, stop, authority };
}

export type TestGateway = Awaited<ReturnType<typeof testGateway>>;

export interface Call extends RequestOptions {
  readonly body?: string | Uint8Array | Readable;
}

/** Resolves when the head of the answer is there. Carries the token of `batch` unless it has headers of its own. */
export function open(listener: Pick<Listener, "port">, path: string, { body, ...options }: Call = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const call = request({ host: "127.0.0.1", port: listener.port, path, agent: false, headers, ...options }, resolve);
    call.on("error", reject);
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) call.end(body);
    else body.pipe(call);
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** @throws when the answer breaks off */
export async function call(listener: Pick<Listener, "port">, path: string, options?: Call): Promise<Answer> {
  const message = await open(listener, path, options);
  return { status: message.statusCode!, headers: message.headers, body: (await buffer(message)).toString("latin1") };
}

/** A request signed by `payments` as the bytes of the wire. */
export function signedBytes(port: number, target: string, nonce: string, body = ""): string {
  const method = body === "" ? "GET" : "POST";
  const host = `127.0.0.1:${port}`;
  const { headers = [] } = signed({ method, target, host, body }, { nonce, timestampMs: Date.now() });
  const lines = [...headers, ["Content-Length", String(body.length)]].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}\r\n${body}`;
}

/** Sends a head line by line, with Host and token unless told otherwise. */
export const raw = (port: number, bytes: string, endpoint: object = {}): Promise<RawAnswer> =>
  sendRaw({ port, ...endpoint }, bytes.replaceAll("HOST", `127.0.0.1:${port}`).replaceAll("TOKEN", TOKEN));
