/**
 * A client that sends exactly the bytes it is given: smuggling, ambiguity and syntax tests need requests that every HTTP
 * library would refuse to send (two Hosts, CL with TE, bare LF), and must see the bytes that come back.
 */
import { connect as connectTcp, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";

export interface RawEndpoint {
  readonly port: number;
  /** Default: 127.0.0.1 */
  readonly host?: string;
  /** Source address, for example 127.0.0.2. */
  readonly localAddress?: string;
  /** TLS options (`ca`, `servername`, `key`, `cert`, …); absent: plain TCP. */
  readonly tls?: ConnectionOptions;
  /** How long to wait for the first byte. Default: 5000 */
  readonly timeoutMs?: number;
  /** How long the peer must be silent after a byte to have finished its answer. Default: 200 */
  readonly quietMs?: number;
}

export interface RawAnswer {
  /** Everything received, of all answers. */
  readonly bytes: Buffer;
  /** The same as Latin-1, one character a byte. */
  readonly text: string;
  /** Of the first answer; undefined when there is none. */
  readonly status: number | undefined;
  /** Of the first answer, by lower-case name; repeated ones are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the peer closed or reset the connection. */
  readonly closed: boolean;
}

function parseHead(text: string): Pick<RawAnswer, "status" | "headers"> {
  const [statusLine = "", ...fields] = text.split("\r\n\r\n", 1)[0]!.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  const headers: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const colon = field.indexOf(":");
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: status === undefined ? undefined : Number(status), headers };
}

function open({ port, host = "127.0.0.1", localAddress, tls }: RawEndpoint, ready: () => void): Socket {
  const address: NetConnectOpts = { port, host, ...(localAddress === undefined ? {} : { localAddress }) };
  return tls ? connectTls({ ...address, ...tls }, ready) : connectTcp(address, ready);
}

/**
 * Sends bytes over a new connection and collects what comes back until the peer closes, falls silent, or lets
 * `timeoutMs` pass without a byte; our side then closes.
 * @param bytes text is sent as Latin-1
 * @throws the socket's error when the connection cannot be made
 */
export function sendRaw(endpoint: RawEndpoint, bytes: string | Uint8Array): Promise<RawAnswer> {
  const { timeoutMs = 5000, quietMs = 200 } = endpoint;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const finish = (closed: boolean) => {
      socket.destroy();
      const received = Buffer.concat(chunks);
      const text = received.toString("latin1");
      resolve({ bytes: received, text, closed, ...parseHead(text) });
    };
    let connected = false;
    const socket = open(endpoint, () => {
      connected = true;
      socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    });
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      socket.setTimeout(quietMs);
    });
    socket.on("end", () => finish(true));
    socket.on("error", (error) => (connected ? finish(true) : reject(error)));
  });
}
