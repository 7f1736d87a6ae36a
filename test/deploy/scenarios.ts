/**
 * The examples with what only a test knows of them: the values of their secrets, an upstream that demands what the door
 * adds, and calls that are granted, are not, and are once the policy is edited.
 */
import type { App } from "cdktf";
import type { Caller, Route, ZeroTrustProxy } from "sallyport/constructs";
import { hmacProfile, SecretValue } from "sallyport/signing";
import { build as buildPartner } from "../../examples/partner/main.js";
import { build as buildPayments } from "../../examples/payments/main.js";
import type { ApiGatewayRequest } from "../fakes/api-gateway.js";
import { canary } from "../fakes/canary.js";
import type { Authority } from "../fakes/certificates.js";
import { headerValues, type RecordedRequest } from "../fakes/recorded-request.js";
import type { Expectations } from "../fakes/upstream.js";

export type ScenarioRequest = Pick<ApiGatewayRequest, "method" | "target" | "headers" | "body" | "userArn">;

export interface Scenario {
  readonly name: string;
  build(app: App, options: { readonly target: string; readonly protection: "full" | "none" }): ZeroTrustProxy;
  /** Base path of the target. */
  readonly basePath: string;
  /** Where callers are. */
  readonly sourceIp: string;
  /** Value by the policy's name. */
  readonly values: Readonly<Record<string, string>>;
  /** What must be found nowhere but at its place. */
  readonly canaries: readonly string[];
  readonly expectations: Expectations;
  /** What the signed caller signs with, and how long a signature is good. */
  readonly callerKey: { readonly id: string; readonly value: string; readonly windowSeconds: number };
  /** The name in the revocations of the signed caller. */
  readonly caller: string;
  /** A secret of the route. */
  readonly revocable: string;
  readonly granted: ScenarioRequest;
  /** Calls of a role: granted, and not. Where the example has one. */
  readonly role?: { readonly granted: ScenarioRequest; readonly denied: ScenarioRequest };
  /** Of the signed caller: another path of the same route. */
  readonly wrongPath: ScenarioRequest;
  /** Of the signed caller, granted only by {@link edit}. */
  readonly added: ScenarioRequest;
  edit(door: ZeroTrustProxy): void;
}

export async function scenarios(authority: Authority): Promise<Scenario[]> {
  return [await payments(authority), await partner(authority)];
}

async function payments(authority: Authority): Promise<Scenario> {
  const [bearer, signingKey, callerKey] = [canary("acquirer-key"), canary("signing-key"), canary("payments-key")];
  const client = await clientCertificate(authority, "payments-door");
  const userArn = "arn:aws:sts::111111111111:assumed-role/ledger/nightly";
  return {
    name: "payments",
    build: buildPayments,
    basePath: "",
    sourceIp: "10.1.2.3",
    values: { "acquirer-key": bearer, "acquirer-signing-key": signingKey, "payments-key": callerKey, "acquirer-client": client.pem },
    canaries: [bearer, signingKey, callerKey, client.keyLine],
    expectations: { bearer, clientCommonName: "payments-door", verifySignature: signedWith(signingKey, "plain", "acquirer-2026") },
    callerKey: { id: "payments-2026", value: callerKey, windowSeconds: 300 },
    caller: "callers/payments",
    revocable: "acquirer-key",
    granted: { method: "POST", target: "/acquirer/v1/charges", headers: [["Content-Type", "application/json"]], body: '{"amount":1}' },
    role: {
      granted: { target: "/acquirer/v1/charges/ch_1", userArn },
      denied: { method: "POST", target: "/acquirer/v1/charges", userArn },
    },
    wrongPath: { target: "/acquirer/v1/balance" },
    added: { method: "POST", target: "/acquirer/v1/refunds" },
    edit: (door) => entry<Route>(door, "acquirer").allow("refund", entry<Caller>(door, "payments"), { requests: ["POST /v1/refunds"] }),
  };
}

async function partner(authority: Authority): Promise<Scenario> {
  const [signingKey, callerKey] = [canary("partner-hmac-key"), canary("release-bot-key")];
  const client = await clientCertificate(authority, "partner-door");
  const binary = Buffer.from([0, 255, 128, 13, 10, 195, 40]);
  return {
    name: "partner",
    build: buildPartner,
    basePath: "/v2",
    sourceIp: "10.20.0.9",
    values: { "partner-hmac-key": signingKey, "release-bot-key": callerKey, "partner-client": client.pem },
    canaries: [signingKey, callerKey, client.keyLine],
    expectations: { clientCommonName: "partner-door", verifySignature: signedWith(signingKey, "strict", "partner-hmac") },
    callerKey: { id: "release-bot", value: callerKey, windowSeconds: 60 },
    caller: "callers/release-bot",
    revocable: "partner-client",
    granted: { method: "PUT", target: "/partner/releases/42", headers: [["Content-Type", "application/octet-stream"]], body: binary },
    wrongPath: { method: "PUT", target: "/partner/releases/42/files" },
    added: { method: "DELETE", target: "/partner/drafts/7" },
    edit: (door) =>
      entry<Route>(door, "partner").allow("discard", entry<Caller>(door, "release-bot"), { requests: ["DELETE /drafts/{id}"] }),
  };
}

/** An entry of the door by its id, whose type the example knows. */
const entry = <Entry>(door: ZeroTrustProxy, id: string) => door.node.findChild(id) as Entry;

/** @returns what is stored, and a line of the private key that must be found nowhere else */
async function clientCertificate(authority: Authority, commonName: string): Promise<{ pem: string; keyLine: string }> {
  const { certificatePem, privateKeyPem } = await authority.issue({ commonName, client: true });
  return { pem: `${certificatePem}\n${privateKeyPem}`, keyLine: privateKeyPem.split("\n")[1]! };
}

function signedWith(secret: string, form: "strict" | "plain", keyId: string): NonNullable<Expectations["verifySignature"]> {
  const profile = hmacProfile({ form, keyId });
  const key = new SecretValue(secret);
  return (request: RecordedRequest) => {
    const { method, target, rawHeaders, body } = request;
    const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]!] as const] : []));
    const [authority = ""] = headerValues(request, "host");
    const verified = profile.verify({ method, authority, target, headers, body }, (id) => (id === keyId ? key : undefined), Date.now());
    return "denied" in verified ? verified.denied : undefined;
  };
}
