/** A request as it arrived at an upstream, before any interpretation: what tests of the door compare. */
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";

export interface RecordedRequest {
  readonly method: string;
  /** The request target as received. */
  readonly target: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  /** Empty until `complete`. */
  body: Buffer;
  /** Whether the whole request arrived. */
  complete: boolean;
  /** Common name of the client certificate, where one was presented that the demanded authority issued. */
  readonly clientCommonName: string | undefined;
  /** The name asked for by SNI (RFC 6066, section 3); undefined when none was. */
  readonly serverName: string | undefined;
}

/** Records a request whose body is still to come. */
export function recordHead({ method, url, rawHeaders, socket }: IncomingMessage): RecordedRequest {
  const tls = socket as TLSSocket & { readonly servername?: string | false | null };
  return {
    method: method!,
    target: url!,
    rawHeaders,
    body: Buffer.alloc(0),
    complete: false,
    clientCommonName: tls.authorized ? String(tls.getPeerCertificate().subject.CN) : undefined,
    serverName: tls.servername || undefined,
  };
}

/**
 * All values of a header, in order.
 * @param name lower case
 */
export const headerValues = ({ rawHeaders }: RecordedRequest, name: string): string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
