/** Calls to a deployed door, as its callers make them and as API Gateway hands them on. */
import { randomUUID } from "node:crypto";
import { canonicalTarget, hmacProfile, SecretValue } from "sallyport/signing";
import type { ApiGatewayResult } from "../../lib/adapters/aws/api-gateway-result.js";
import { apiGatewayEvent, hostOf } from "../fakes/api-gateway.js";
import type { DeployedFunction } from "./deployed-function.js";
import type { Scenario, ScenarioRequest } from "./scenarios.js";

export interface DoorClient {
  /** An event of the signed entrance with the caller's proof. @param ageSeconds how long ago it was signed */
  signed(request: ScenarioRequest, ageSeconds?: number): object;
  /** An event of the IAM entrance. */
  asRole(request: ScenarioRequest): object;
  /** An event that another API made of the same request. */
  foreign(request: ScenarioRequest): object;
}

/** @param apiIds by kind of entrance, as deployed */
export function doorClient({ callerKey, sourceIp }: Scenario, apiIds: Readonly<Record<string, string>>): DoorClient {
  const profile = hmacProfile({ form: "strict" });
  const key = { id: callerKey.id, secret: new SecretValue(callerKey.value) };
  const { signed: signedApi = "", iam: iamApi = "" } = apiIds;

  const proven = (request: ScenarioRequest, ageSeconds: number): ScenarioRequest => {
    const { method = "GET", target, headers = [], body = "" } = request;
    const message = { method, authority: hostOf(signedApi), target: canonicalTarget(target), headers, body: Buffer.from(body) };
    const at = { timestampSeconds: Math.floor(Date.now() / 1000) - ageSeconds, nonce: randomUUID() };
    return { ...request, headers: [...headers, ...profile.sign(message, key, at)] };
  };
  return {
    signed: (request, ageSeconds = 0) => apiGatewayEvent({ ...proven(request, ageSeconds), apiId: signedApi, sourceIp }),
    asRole: (request) => apiGatewayEvent({ ...request, apiId: iamApi, sourceIp }),
    foreign: (request) => apiGatewayEvent({ ...proven(request, 0), apiId: "z9z9z9z9z9", sourceIp }),
  };
}

export interface Answered {
  readonly status: number;
  /** The problem's code; undefined where there was none. */
  readonly code: string | undefined;
  readonly body: string;
}

export async function ask(running: DeployedFunction, event: object): Promise<Answered> {
  const { statusCode: status, body, multiValueHeaders }: ApiGatewayResult = await running.invoke(event);
  const isProblem = multiValueHeaders["content-type"]?.[0]?.startsWith("application/problem+json") ?? false;
  return { status, code: isProblem ? JSON.parse(body).type.split(":").at(-1) : undefined, body };
}
