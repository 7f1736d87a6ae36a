/**
 * The road to the upstream over undici: a pool for each checked address and client certificate version. The address is
 * dialled as it was checked, while SNI, the certificate's name and Host come from the policy; there is no second look-up
 * that could answer differently, and no insecure switch. (THREATS 1, 15; faults 4, 5, 10)
 */

import { EventEmitter } from "node:events";
import { isIP } from "node:net";
import type { Readable } from "node:stream";
import { createSecureContext } from "node:tls";
import { buildConnector, Pool } from "undici";
import { type ErrorCode, SallyportError } from "../errors.js";
import { headerList } from "../http/headers.js";
import type { ClientCertificate, Destination, Upstream } from "../pipeline/upstream.js";

const MAX_POOLS = 256;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a response's body may pause. */
const BODY_IDLE_MS = 60_000;
/** How long a response's body may take in all. What API Gateway, too, allows a stream. */
const BODY_TOTAL_MS = 15 * 60 * 1000;

export interface UndiciUpstreamOptions {
  /** PEM of the authorities that upstream certificates may come from, in place of Node's own list. For a private CA, and tests. */
  readonly ca?: string;
  /** How long a response's body may take in all, in milliseconds. Default 900,000. */
  readonly bodyTotalMs?: number;
}

export function undiciUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  const pools = new Map<string, Pool>();

  const poolFor = (destination: Destination): Pool => {
    const { scheme, host, port, address, clientCertificate: certificate } = destination;
    const key = `${scheme} ${host} ${port} ${address} ${certificate?.name} ${certificate?.version}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = openPool(destination, options);
    pools.set(key, pool);
    if (pools.size > MAX_POOLS) {
      const [oldest, idle] = pools.entries().next().value!;
      pools.delete(oldest);
      void idle.close();
    }
    return pool;
  };

  return {
    async send(destination, { method, target, headers, body }, deadlineMs) {
      const signal = new EventEmitter(); // undici takes it as well as an AbortController, which costs 6 µs more.
      let isLate = false;
      const deadline = setTimeout(
        () => {
          isLate = true;
          signal.emit("abort");
        },
        Math.max(deadlineMs, 0),
      );
      try {
        const response = await poolFor(destination).request({
          method: method as "GET",
          path: target,
          headers: headers.flat(),
          body: body ?? null,
          signal,
          headersTimeout: 0,
          bodyTimeout: BODY_IDLE_MS,
          responseHeaders: "raw",
        });
        boundBody(response.body, options.bodyTotalMs ?? BODY_TOTAL_MS);
        return { status: response.statusCode, headers: headerList(response.headers as unknown as string[]), body: response.body };
      } catch (cause) {
        if (cause instanceof SallyportError) throw cause;
        const code = isLate ? "UPSTREAM_TIMEOUT" : codeOf(cause);
        throw new SallyportError(code, { host: destination.host, address: destination.address, port: destination.port }, { cause });
      } finally {
        clearTimeout(deadline);
      }
    },

    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

/** An answer ends in an error past its time. Whoever gives it up before anyone reads it must not be told so by a crash. */
function boundBody(body: Readable, totalMs: number): void {
  const timer = setTimeout(() => body.destroy(new SallyportError("UPSTREAM_TIMEOUT", { bodyTotalMs: totalMs })), totalMs).unref();
  body.on("error", () => {}).on("close", () => clearTimeout(timer));
}

function openPool({ scheme, host, port, address, clientCertificate }: Destination, { ca }: UndiciUpstreamOptions): Pool {
  const trust = ca === undefined ? {} : { ca };
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, ...trust, ...(clientCertificate && identityOf(clientCertificate)) });
  // SNI names no addresses (RFC 6066 section 3); the certificate is then checked against the address that is dialled.
  const servername = isIP(host) ? "" : host;
  const origin = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Pool(origin, {
    connections: null, // As many as there are calls, which the door bounds: a few slow answers must not hold up the rest.
    connect: (options, callback) => connect({ ...options, hostname: address, servername }, callback),
  });
}

function identityOf({ name, pem }: ClientCertificate): { cert: string; key: string } {
  const identity = { cert: pem.revealText(), key: pem.revealText() };
  try {
    createSecureContext(identity);
  } catch (cause) {
    throw new SallyportError("CERTIFICATE_UNUSABLE", { certificate: name, cause: (cause as { code?: string }).code ?? "not readable" });
  }
  return identity;
}

/** What Node and undici call a failure, by the first pattern that fits. */
const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^UND_ERR_HEADERS_TIMEOUT$/, "UPSTREAM_TIMEOUT"],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/, "UPSTREAM_UNREACHABLE"],
  [/CERT|ERR_TLS|ERR_SSL|UNABLE_TO|EPROTO|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH/, "UPSTREAM_TLS"],
  [/./, "UPSTREAM_RESET"],
];

function codeOf(cause: unknown): ErrorCode {
  const { code = "UND_ERR_SOCKET" } = cause as { code?: string };
  return CODES.find(([pattern]) => pattern.test(code))![1];
}
