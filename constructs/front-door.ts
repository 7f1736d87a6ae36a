/**
 * The entrances: one REST API for each kind of proof that the policy has, each with the one integration that is the
 * signer. Requests are logged without their query, which may hold a credential (THREATS 7).
 */
import { createHash } from "node:crypto";
import { AccessLogRole } from "./access-log-role.js";
import type { AuditTrail } from "./audit-trail.js";
import type { EntranceKind } from "./door.js";
import {
  ApiGatewayDeployment,
  ApiGatewayIntegration,
  ApiGatewayMethod,
  ApiGatewayResource,
  ApiGatewayRestApi,
  ApiGatewayRestApiPolicy,
  ApiGatewayStage,
  Construct,
  LambdaPermission,
  Lazy,
} from "./framework.js";
import type { SignerFunction } from "./signer-function.js";
import { terraformJson } from "./terraform-json.js";

const STAGE_NAME = "live";

/** REST API's own limit; its error does not say which deadline was missed, the signer's does. */
const INTEGRATION_TIMEOUT_MILLISECONDS = 29_000;

/** Bodies are bytes: anything not listed is read as text and corrupted. */
const BINARY_MEDIA_TYPES = ["*/*"];

const AUTHORIZATION_OF: Readonly<Record<EntranceKind, string>> = { iam: "AWS_IAM", signed: "NONE" };

/** `$context.path` has no query string; nothing here has. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  apiId: "$context.apiId",
  time: "$context.requestTimeEpoch",
  sourceIp: "$context.identity.sourceIp",
  caller: "$context.identity.userArn",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  error: "$context.error.responseType",
  wafStatus: "$context.waf.status",
  responseBytes: "$context.responseLength",
  integrationMilliseconds: "$context.integrationLatency",
});

export interface FrontDoorProps {
  readonly physicalName: string;
  readonly signer: SignerFunction;
  readonly trail: AuditTrail;
  /** The accounts that IAM callers belong to, asked for when the policy is complete. */
  readonly callerAccounts: () => readonly string[];
  /** Whether to give API Gateway its role for logs, which is one setting for the whole account and region. */
  readonly createsLogRole: boolean;
}

/** What others need to know of an entrance. */
export interface Entrance {
  /** A token. */
  readonly apiId: string;
  readonly apiName: string;
  readonly stageName: string;
  /** The address callers use; a token. */
  readonly url: string;
}

export class FrontDoor extends Construct {
  readonly entrances = new Map<EntranceKind, Entrance>();
  readonly #logRole: AccessLogRole | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FrontDoorProps,
  ) {
    super(scope, id);
    if (props.createsLogRole) this.#logRole = new AccessLogRole(this, "LogRole", props.physicalName, props.trail.accessLog.arn);
  }

  /** Opens the entrance for a kind of proof, or gives the one that is open. */
  open(kind: EntranceKind): Entrance {
    const open = this.entrances.get(kind);
    if (open !== undefined) return open;
    const entrance = this.#build(kind);
    this.entrances.set(kind, entrance);
    return entrance;
  }

  #build(kind: EntranceKind): Entrance {
    const { physicalName, signer, trail, callerAccounts } = this.props;
    const scope = new Construct(this, kind);
    const authorization = AUTHORIZATION_OF[kind];
    const apiName = `${physicalName}-${kind}`;
    const api = new ApiGatewayRestApi(scope, "api", {
      name: apiName,
      description: `Sallyport: calls with a proof of kind ${kind}`,
      binaryMediaTypes: BINARY_MEDIA_TYPES,
      endpointConfiguration: { types: ["REGIONAL"] },
    });
    const rest = new ApiGatewayResource(scope, "rest", { restApiId: api.id, parentId: api.rootResourceId, pathPart: "{proxy+}" });

    // `{proxy+}` does not match the root, which needs a method of its own.
    const methods = Object.entries({ root: api.rootResourceId, rest: rest.id }).flatMap(([place, resourceId]) => {
      const method = new ApiGatewayMethod(scope, `${place}-method`, { restApiId: api.id, resourceId, httpMethod: "ANY", authorization });
      const integration = new ApiGatewayIntegration(scope, `${place}-integration`, {
        restApiId: api.id,
        resourceId,
        httpMethod: method.httpMethod,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: signer.alias.invokeArn,
        timeoutMilliseconds: INTEGRATION_TIMEOUT_MILLISECONDS,
      });
      return [method, integration];
    });

    // Accounts, not roles: a policy holds 8,192 characters, and who in an account is let in is the signer's decision,
    // where a refusal is audited.
    const policy =
      kind === "iam"
        ? new ApiGatewayRestApiPolicy(scope, "policy", {
            restApiId: api.id,
            policy: Lazy.stringValue({ produce: () => terraformJson(onlyAccounts(api.executionArn, callerAccounts())) }),
          })
        : undefined;

    const deployment = new ApiGatewayDeployment(scope, "deployment", {
      restApiId: api.id,
      // What is served is a deployment: a change of these takes effect only with a new one.
      triggers: {
        configuration: Lazy.stringValue({
          produce: () => sha256([BINARY_MEDIA_TYPES, "ANY / and /{proxy+}", authorization, policy === undefined ? [] : callerAccounts()]),
        }),
      },
      dependsOn: policy === undefined ? methods : [...methods, policy],
      lifecycle: { createBeforeDestroy: true },
    });
    const stage = new ApiGatewayStage(scope, "stage", {
      restApiId: api.id,
      deploymentId: deployment.id,
      stageName: STAGE_NAME,
      accessLogSettings: { destinationArn: trail.accessLog.arn, format: ACCESS_LOG_FORMAT },
      ...(this.#logRole === undefined ? {} : { dependsOn: [this.#logRole.setting] }),
    });
    new LambdaPermission(scope, "invoke", {
      functionName: signer.alias.functionName,
      qualifier: signer.alias.name,
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: `${api.executionArn}/*`,
    });
    return { apiId: api.id, apiName, stageName: STAGE_NAME, url: stage.invokeUrl };
  }
}

const onlyAccounts = (executionArn: string, accounts: readonly string[]) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: "*",
      Action: "execute-api:Invoke",
      Resource: `${executionArn}/*`,
      Condition: { StringEquals: { "aws:PrincipalAccount": accounts } },
    },
  ],
});

const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
