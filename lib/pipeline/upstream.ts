/** The road to the upstream as a port: dials one checked address and speaks HTTP to it. */
import type { SecretValue } from "../secret-value.js";
import type { UpstreamRequest, UpstreamResponse } from "./message.js";

export interface ClientCertificate {
  readonly name: string;
  /** A new version is a new connection. */
  readonly version: string;
  /** PEM: the certificate with its chain, and the private key, in one text. */
  readonly pem: SecretValue;
}

/** One resolved destination: what was decided is dialled, named in SNI and Host, and signed. */
export interface Destination {
  readonly scheme: "https" | "http";
  /** The name that the server's certificate must carry, and SNI names. */
  readonly host: string;
  readonly port: number;
  /** The checked address that is dialled. */
  readonly address: string;
  readonly clientCertificate: ClientCertificate | undefined;
}

export interface Upstream {
  /**
   * Sends one request. Redirects are answers like any other; nothing is retried.
   * @param deadlineMs milliseconds until the response's head must be there
   * @throws {UPSTREAM_UNREACHABLE | UPSTREAM_TLS | UPSTREAM_RESET | UPSTREAM_TIMEOUT | CERTIFICATE_UNUSABLE}
   */
  send(destination: Destination, request: UpstreamRequest, deadlineMs: number): Promise<UpstreamResponse>;
  close(): Promise<void>;
}
