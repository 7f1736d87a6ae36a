/**
 * Signing a request to AWS with a body of 1 KiB, against AWS's own client. It hashes with node:crypto, as the SDK does on
 * Node; both sides keep their derived key.
 */
import { createHash, createHmac, type Hash, type Hmac, randomBytes } from "node:crypto";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { SecretValue } from "../../lib/secret-value.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import { sigv4Profile } from "../../lib/signing/sigv4/sigv4.js";
import { callsPerSecond, compare, type Effort } from "./measure.js";

const ROUND_MS = 300;

const scope = { service: "dynamodb", region: "eu-west-1" };
const secret = randomBytes(20).toString("hex");
const signingDate = new Date();

const message: SignableMessage = {
  method: "POST",
  authority: "dynamodb.eu-west-1.amazonaws.com",
  target: "/",
  headers: [
    ["Content-Type", "application/x-amz-json-1.0"],
    ["X-Amz-Target", "DynamoDB_20120810.PutItem"],
    ["User-Agent", "bench/1"],
    ["Content-Length", "1024"],
  ],
  body: randomBytes(1024),
};
const profile = sigv4Profile(scope);
const key = { id: "AKIABENCH", secret: new SecretValue(secret) };
const freshness = { timestampSeconds: Math.floor(signingDate.getTime() / 1000), nonce: "" };

class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as string | NodeJS.ArrayBufferView);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const smithy = new SignatureV4({
  ...scope,
  credentials: { accessKeyId: key.id, secretAccessKey: secret },
  sha256: NodeSha256,
  applyChecksum: false,
});
const request = new HttpRequest({
  method: message.method,
  hostname: message.authority,
  path: message.target,
  headers: { host: message.authority, ...Object.fromEntries(message.headers) },
  body: message.body,
});

/** Call after call, as a client that waits for each signature. */
async function signaturesPerSecond(milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    for (let call = 0; call < 100; call++) await smithy.sign(request, { signingDate });
    calls += 100;
    elapsedMs = performance.now() - startedAt;
  } while (elapsedMs < milliseconds);
  return (calls * 1000) / elapsedMs;
}

export const sigv4Sign = ({ rounds, timeScale }: Effort) =>
  compare(
    {
      name: "sigv4 sign",
      unit: "calls/s",
      better: "higher",
      ours: () => callsPerSecond(() => profile.sign(message, key, freshness), ROUND_MS * timeScale),
      peers: { "@smithy/signature-v4": () => signaturesPerSecond(ROUND_MS * timeScale) },
    },
    { rounds, timeScale },
  );
