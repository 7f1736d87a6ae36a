/**
 * An event of API Gateway's REST proxy integration as the pipeline's message. The path arrives as it was sent, without
 * stage, the query decoded and out of order: the target is the canonical one, which callers sign. What API Gateway adds
 * or has used up itself is not the caller's and goes no further. (API Gateway developer guide: Lambda proxy integration)
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import type { Header, HeaderList } from "../../http/headers.js";
import { parseTarget } from "../../http/target.js";
import type { IncomingMessage } from "../../pipeline/message.js";
import { RequestBody } from "../../pipeline/request-body.js";
import { formatTarget, type QueryPair } from "../../signing/canonical-target.js";
import { parseAssumedRoleArn } from "./iam-arn.js";

type MultiValue = Readonly<Record<string, readonly string[]>>;

/** The fields that are read; API Gateway sends more. */
export interface ApiGatewayEvent {
  readonly httpMethod: string;
  readonly path: string;
  readonly multiValueHeaders: MultiValue | null;
  /** Names and values decoded, `+` as a space. */
  readonly multiValueQueryStringParameters: MultiValue | null;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly apiId: string;
    readonly requestTimeEpoch: number;
    readonly identity: {
      /** The TCP peer's address, also behind a VPC endpoint. */
      readonly sourceIp: string;
      /** Set where the method's authorization is AWS_IAM. */
      readonly userArn?: string | null;
    };
  };
}

/** How an entrance proves its callers: `iam` by API Gateway, `signed` by the pipeline. */
export type EntranceKind = "iam" | "signed";

export interface Arrival {
  readonly entrance: EntranceKind;
  /** The partition of the function itself, such as `aws`. A role of another is nobody here. */
  readonly partition: string;
  readonly deadlineMs: number;
}

/** Whoever invokes the function directly can send anything. */
export function isApiGatewayEvent(value: unknown): value is ApiGatewayEvent {
  const { httpMethod, path, multiValueHeaders, multiValueQueryStringParameters, body, isBase64Encoded, requestContext } = fields(value);
  const { apiId, requestTimeEpoch, identity } = fields(requestContext);
  return (
    [httpMethod, path, apiId, fields(identity).sourceIp].every((text) => typeof text === "string") &&
    (body === null || typeof body === "string") &&
    typeof isBase64Encoded === "boolean" &&
    typeof requestTimeEpoch === "number" &&
    isMultiValue(multiValueHeaders) &&
    isMultiValue(multiValueQueryStringParameters)
  );
}

const fields = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? { ...value } : {});

const isMultiValue = (value: unknown): boolean =>
  value === null ||
  (typeof value === "object" &&
    Object.values(value as object).every((values) => Array.isArray(values) && values.every((each) => typeof each === "string")));

export function messageOf(event: ApiGatewayEvent, { entrance, partition, deadlineMs }: Arrival): IncomingMessage | Denial {
  const target = targetOf(event);
  if (typeof target !== "string") return target;
  const { sourceIp, userArn } = event.requestContext.identity;
  const role = entrance === "iam" && typeof userArn === "string" ? parseAssumedRoleArn(userArn) : undefined;
  const platformIdentity = role?.partition === partition ? role : undefined;
  return {
    method: event.httpMethod,
    target,
    headers: headersOf(event, entrance),
    body: bodyOf(event),
    sourceAddress: sourceIp,
    platformIdentity,
    deadlineMs,
  };
}

function targetOf({ path, multiValueQueryStringParameters }: ApiGatewayEvent): string | Denial {
  const parsed = parseTarget(path);
  if (isDenial(parsed)) return path; // The pipeline refuses it in the same words, and tells it as it tells every call.
  if (parsed.query !== undefined) return deny("TARGET_AMBIGUOUS", { what: "a question mark in the path", in: "path" });
  try {
    return formatTarget(parsed.path, pairsOf(multiValueQueryStringParameters));
  } catch {
    return deny("TARGET_AMBIGUOUS", { what: "text that is not Unicode", in: "query" });
  }
}

const pairsOf = (multiValue: MultiValue | null): QueryPair[] =>
  Object.entries(multiValue ?? {}).flatMap(([name, values]) => values.map((value): QueryPair => [name, value]));

/** Lower case. */
const ADDED_BY_PLATFORM = /^(?:x-amzn-trace-id|x-amz-cf-id|cloudfront-.*)$/;
/** A SigV4 proof, session token included: API Gateway has verified it, and no upstream may see it. */
const SIGV4 = /^(?:authorization|x-amz-date|x-amz-security-token|x-amz-content-sha256)$/;

function headersOf({ multiValueHeaders }: ApiGatewayEvent, entrance: EntranceKind): HeaderList {
  return pairsOf(multiValueHeaders).filter(([name]: Header) => {
    const lower = name.toLowerCase();
    return !ADDED_BY_PLATFORM.test(lower) && !(entrance === "iam" && SIGV4.test(lower));
  });
}

const bodyOf = ({ body, isBase64Encoded }: ApiGatewayEvent): RequestBody =>
  new RequestBody(body ? Buffer.from(body, isBase64Encoded ? "base64" : "utf8") : undefined);
