/** A caller without any key of the upstream: it signs with its own, and sends over a plain connection to the door. */
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { hmacProfile, SecretValue } from "sallyport/signing";

export interface Call {
  readonly method: string;
  /** Path at the door, the route first. */
  readonly target: string;
  readonly body?: string;
}

export interface SignedCall extends Call {
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface KeylessClient {
  sign(call: Call): SignedCall;
  /** @param localAddress the loopback address to call from. Default 127.0.0.1 */
  send(call: SignedCall, localAddress?: string): Promise<Reply>;
}

export function keylessClient(doorUrl: string, callerKey: string): KeylessClient {
  const { host: authority, hostname, port } = new URL(doorUrl);
  const profile = hmacProfile({ form: "strict" });
  const key = { id: "payments-2026", secret: new SecretValue(callerKey) };
  return {
    sign(call) {
      const content = call.body === undefined ? [] : [["content-type", "application/json"] as const];
      const message = { method: call.method, authority, target: call.target, headers: content, body: Buffer.from(call.body ?? "") };
      const at = { timestampSeconds: Math.floor(Date.now() / 1000), nonce: randomBytes(18).toString("base64url") };
      return { ...call, headers: [...content, ...profile.sign(message, key, at)] };
    },
    send: ({ method, target, headers, body }, localAddress = "127.0.0.1") =>
      new Promise((resolve, reject) => {
        const outgoing = request({
          method,
          path: target,
          host: hostname,
          port,
          localAddress,
          headers: Object.fromEntries(headers),
          agent: false,
        });
        outgoing.on("error", reject);
        outgoing.on("response", (response) => {
          text(response).then((received) => resolve({ status: response.statusCode ?? 0, body: received }), reject);
        });
        outgoing.end(body);
      }),
  };
}
