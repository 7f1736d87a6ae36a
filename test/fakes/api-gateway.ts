/**
 * What API Gateway's REST proxy integration makes of a request: path as it was sent, query decoded as a form and grouped,
 * headers grouped with its own beside them, body as base64 where every media type is binary. Shape: developer guide,
 * "Input format of a Lambda function for proxy integration".
 */
import type { HeaderList } from "../../lib/http/headers.js";

export const API_IDS = { iam: "a1b2c3d4e5", signed: "f6g7h8i9j0" } as const;
export const REGION = "eu-west-1";
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:111111111111:function:door`;

export const hostOf = (apiId: string): string => `${apiId}.execute-api.${REGION}.amazonaws.com`;

export interface ApiGatewayRequest {
  /** Default: GET */
  readonly method?: string;
  /** The raw target, without stage. */
  readonly target: string;
  /** Beside Host. */
  readonly headers?: HeaderList;
  readonly body?: string | Uint8Array;
  /** Default: that of the signed entrance. */
  readonly apiId?: string;
  /** What the Host header says. Default: the API's own name. */
  readonly host?: string;
  /** Default: 10.1.2.3 */
  readonly sourceIp?: string;
  /** What IAM authorization found; default: there was none. */
  readonly userArn?: string;
  /** Milliseconds since the epoch. Default: now. */
  readonly receivedAt?: number;
}

const ADDED: HeaderList = [
  ["CloudFront-Viewer-Country", "DE"],
  ["X-Amzn-Trace-Id", "Root=1-66704feb-118151122b2ad2d3488844e7"],
  ["X-Forwarded-For", "203.0.113.9"],
  ["X-Forwarded-Port", "443"],
  ["X-Forwarded-Proto", "https"],
];

export function apiGatewayEvent(request: ApiGatewayRequest) {
  const { method = "GET", target, headers = [], body, apiId = API_IDS.signed, sourceIp = "10.1.2.3", userArn = null } = request;
  const { host = hostOf(apiId) } = request;
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const pairs = [...new URLSearchParams(`&${query}`)]; // It would drop a leading question mark.
  const allHeaders = [["Host", host] as const, ...headers, ...ADDED];
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers: Object.fromEntries(allHeaders),
    multiValueHeaders: grouped(allHeaders),
    queryStringParameters: pairs.length > 0 ? Object.fromEntries(pairs) : null,
    multiValueQueryStringParameters: pairs.length > 0 ? grouped(pairs) : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "111111111111",
      apiId,
      resourceId: "roq9wj",
      resourcePath: "/{proxy+}",
      httpMethod: method,
      stage: "live",
      path: `/live${path}`,
      protocol: "HTTP/1.1",
      domainName: hostOf(apiId),
      domainPrefix: apiId,
      requestId: "3c3ecbaa-1690-11e8-ae31-8f39f1d24afd",
      requestTime: "20/Feb/2026:22:48:57 +0000",
      requestTimeEpoch: request.receivedAt ?? Date.now(),
      identity: {
        accessKey: userArn && "ASIAEXAMPLE",
        accountId: userArn && "222222222222",
        caller: userArn && "AROAEXAMPLE:session",
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp,
        user: userArn && "AROAEXAMPLE:session",
        userAgent: "test/1.0",
        userArn,
      },
    },
    body: body === undefined ? null : Buffer.from(body).toString("base64"),
    isBase64Encoded: body !== undefined,
  };
}

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

/** Lambda's context object. @param remainingMs what is left of the function's timeout */
export const lambdaContext = (remainingMs = 30_000) => ({
  awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  invokedFunctionArn: FUNCTION_ARN,
  getRemainingTimeInMillis: () => remainingMs,
});
