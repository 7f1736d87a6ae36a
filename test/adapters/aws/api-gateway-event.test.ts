import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ApiGatewayEvent, type Arrival, isApiGatewayEvent, messageOf } from "../../../lib/adapters/aws/api-gateway-event.js";
import { isDenial } from "../../../lib/errors.js";
import { parseTarget } from "../../../lib/http/target.js";
import type { IncomingMessage } from "../../../lib/pipeline/message.js";
import { canonicalTarget } from "../../../lib/signing/canonical-target.js";
import { API_IDS, type ApiGatewayRequest, apiGatewayEvent, hostOf } from "../../fakes/api-gateway.js";

const ARRIVAL: Arrival = { entrance: "signed", partition: "aws", deadlineMs: 28_000 };
const ROLE_ARN = "arn:aws:sts::222222222222:assumed-role/payments/alice";

const received = (request: ApiGatewayRequest, arrival: Partial<Arrival> = {}): IncomingMessage => {
  const message = messageOf(apiGatewayEvent(request), { ...ARRIVAL, ...arrival });
  if (isDenial(message)) throw new Error(`denied: ${message.denied}`);
  return message;
};

const changed = (change: object): ApiGatewayEvent => ({ ...apiGatewayEvent({ target: "/api/v1" }), ...change });

describe("the message of an API Gateway event", () => {
  it("has method, source address and deadline", () => {
    const message = received({ method: "PUT", target: "/api/v1", sourceIp: "203.0.113.7" });
    expect(message).toMatchObject({ method: "PUT", target: "/api/v1", sourceAddress: "203.0.113.7", deadlineMs: 28_000 });
  });

  it("has the headers that the caller sent, duplicates kept, and none that API Gateway added for itself", () => {
    const { headers } = received({
      target: "/api",
      headers: [
        ["Accept", "text/html"],
        ["X-Tag", "one"],
        ["X-Tag", "two"],
        ["X-Amz-Cf-Id", "cloudfront"],
      ],
    });
    expect(headers).toEqual([
      ["Host", hostOf(API_IDS.signed)],
      ["Accept", "text/html"],
      ["X-Tag", "one"],
      ["X-Tag", "two"],
      ["X-Forwarded-For", "203.0.113.9"],
      ["X-Forwarded-Port", "443"],
      ["X-Forwarded-Proto", "https"],
    ]);
  });

  it("has no headers where API Gateway sends none", () => {
    expect(messageOf(changed({ multiValueHeaders: null }), ARRIVAL)).toMatchObject({ headers: [] });
  });

  it("has the exact bytes of a binary body", async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13, 195, 40]);
    const { body } = received({ target: "/api", method: "POST", body: bytes });
    expect(body.declaredBytes).toBe(7);
    expect(await body.forward()).toEqual(bytes);
  });

  it("has the UTF-8 bytes of a body that came as text", async () => {
    const message = messageOf(changed({ body: "grüße", isBase64Encoded: false }), ARRIVAL) as IncomingMessage;
    expect(await message.body.forward()).toEqual(Buffer.from("grüße"));
  });

  it.each([null, ""])("has no body where the event has %j", (body) => {
    expect((messageOf(changed({ body }), ARRIVAL) as IncomingMessage).body.isEmpty).toBe(true);
  });
});

describe("the target of an API Gateway event", () => {
  it("is the one that the caller signs, whatever it sent", () => {
    const part = fc.constantFrom(..."abzAZ09-._~/?&=+!'()*:@,", "%2B", "%26", "%3d", "%20", "%C3%BC", "%F0%9F%98%80", "%7E", "%25");
    const query = fc.array(part, { maxLength: 20 }).map((parts) => parts.join(""));
    const path = fc
      .array(fc.constantFrom("a", "B~", "%20", "%c3%bc", "+", "/", "@:!$'()*,"), { maxLength: 8 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(path, query, (rest, text) => {
        const target = `/api/${rest}?${text}`;
        expect(received({ target }).target).toBe(canonicalTarget(target));
      }),
    );
  });

  it("keeps the path's own escapes, which API Gateway leaves alone", () => {
    expect(received({ target: "/api/a%20b/%c3%bc?x=1" }).target).toBe("/api/a%20b/%C3%BC?x=1");
  });

  it("sorts what API Gateway took out of order", () => {
    expect(received({ target: "/api?b=2&a=%26&b=1" }).target).toBe("/api?a=%26&b=1&b=2");
  });

  it.each(["/api/../admin?x=1", "/api%2fadmin"])(
    "stays as it came where its path is ambiguous, for the pipeline to refuse: %s",
    (target) => {
      const [path] = target.split("?");
      expect(received({ target }).target).toBe(path);
      expect(parseTarget(path!)).toMatchObject({ denied: "TARGET_AMBIGUOUS" });
    },
  );

  it.each([
    ["a question mark in the path, which API Gateway never sends", { path: "/api?admin=1" }, "a question mark in the path"],
    ["half a character in the query", { multiValueQueryStringParameters: { a: ["\ud83d"] } }, "text that is not Unicode"],
  ])("is refused for %s", (_, change, what) => {
    expect(messageOf(changed(change), ARRIVAL)).toMatchObject({ denied: "TARGET_AMBIGUOUS", details: { what } });
  });
});

describe("the platform's word for who calls", () => {
  it("is the assumed role, at the IAM entrance", () => {
    expect(received({ target: "/api", userArn: ROLE_ARN }, { entrance: "iam" }).platformIdentity).toEqual({
      kind: "iam-role",
      partition: "aws",
      account: "222222222222",
      roleName: "payments",
      sessionName: "alice",
    });
  });

  it.each([
    ["at another entrance, which does not verify it", ROLE_ARN, ARRIVAL],
    ["of another partition", ROLE_ARN.replace("aws", "aws-cn"), { entrance: "iam" }],
    ["that is a user", "arn:aws:iam::222222222222:user/alice", { entrance: "iam" }],
  ])("is nothing for an ARN %s", (_, userArn, arrival) => {
    expect(received({ target: "/api", userArn }, arrival as Partial<Arrival>).platformIdentity).toBeUndefined();
  });

  const sigV4 = [
    ["Authorization", "AWS4-HMAC-SHA256 Credential=ASIA/20260102/eu-west-1/execute-api/aws4_request"],
    ["X-Amz-Date", "20260102T030405Z"],
    ["x-amz-security-token", "session-token"],
    ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"],
  ] as const;

  it("takes its proof, session token included, out of the message", () => {
    const { headers } = received({ target: "/api", userArn: ROLE_ARN, headers: sigV4 }, { entrance: "iam" });
    expect(headers.map(([name]) => name.toLowerCase()).filter((name) => /amz|authorization/.test(name))).toEqual([]);
  });

  it("leaves such headers alone where they are the caller's own", () => {
    const { headers } = received({ target: "/api", headers: sigV4 });
    expect(headers).toEqual(expect.arrayContaining(sigV4.map((header) => [...header])));
  });
});

describe("an event", () => {
  it("of API Gateway is known by the fields that are read", () => {
    expect(isApiGatewayEvent(apiGatewayEvent({ target: "/api?a=1", body: "x" }))).toBe(true);
  });

  const requestContext = apiGatewayEvent({ target: "/api" }).requestContext;

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "event"],
    ["an event of SQS", { Records: [{ body: "x" }] }],
    ["an HTTP API's event", { version: "2.0", rawPath: "/api", requestContext: { apiId: "a", http: {} } }],
    ["one without a path", changed({ path: undefined })],
    ["one with a body that is no text", changed({ body: { a: 1 } })],
    ["one with a header that is no text", changed({ multiValueHeaders: { host: [1] } })],
    ["one with headers that are no lists", changed({ multiValueHeaders: { host: "a" } })],
    ["one with a query that is no map", changed({ multiValueQueryStringParameters: "a=1" })],
    ["one without a source address", changed({ requestContext: { ...requestContext, identity: null } })],
    ["one without a time", changed({ requestContext: { ...requestContext, requestTimeEpoch: "now" } })],
    ["one without a word on its encoding", changed({ isBase64Encoded: undefined })],
  ])("is not %s", (_, event) => {
    expect(isApiGatewayEvent(event)).toBe(false);
  });
});
