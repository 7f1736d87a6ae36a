/**
 * The Lambda function that decides, adds the credential, signs and sends. It runs in the private subnets, carries the
 * policy document beside its code, and may read exactly the secrets that the policy's routes and callers name. Its
 * environment holds names, never a value (THREATS 24).
 */
import type { AuditTrail } from "./audit-trail.js";
import type { EgressNetwork } from "./egress-network.js";
import { Construct, IamRole, IamRolePolicy, LambdaAlias, LambdaFunction } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";
import { SecretAccess } from "./secret-access.js";
import { SignerCode } from "./signer-code.js";
import { StoredValue } from "./stored-value.js";
import { terraformJson } from "./terraform-json.js";

/** API Gateway gives up after 29 s; the function's own deadlines come first. */
const TIMEOUT_SECONDS = 30;

const ALIAS_NAME = "live";

/** The key of the item that says what is revoked; `lib/adapters/aws` reads it by the same name. */
const REVOCATIONS_KEY = "revocations";

export interface SignerFunctionProps {
  readonly physicalName: string;
  readonly policy: PolicyDraft;
  readonly network: EgressNetwork;
  readonly trail: AuditTrail;
  /** What the names of the secrets made here start with, asked for when the policy is complete. */
  readonly secretPrefix: () => string;
  /** What their ARNs match. */
  readonly secretPattern: () => string;
  /** The id of each entrance's API, asked for when the policy is complete. */
  readonly apiIds: () => Readonly<Record<string, string>>;
}

export class SignerFunction extends Construct {
  readonly roleArn: string;
  /** The version that callers get. */
  readonly alias: LambdaAlias;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SignerFunctionProps,
  ) {
    super(scope, id);
    const { physicalName, policy, network, trail } = props;

    const role = new IamRole(this, "role", {
      name: `${physicalName}-signer`,
      assumeRolePolicy: terraformJson({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    });
    this.roleArn = role.arn;
    const permissions = new IamRolePolicy(this, "permissions", {
      role: role.id,
      policy: terraformJson({ Version: "2012-10-17", Statement: statements(trail) }),
    });
    new SecretAccess(this, "secrets", {
      physicalName,
      roleName: role.name,
      secrets: () => policy.inUse().filter((entry) => entry instanceof StoredValue),
      ownPattern: this.props.secretPattern,
    });

    const signer = new LambdaFunction(this, "function", {
      functionName: physicalName,
      role: role.arn,
      runtime: "nodejs22.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 1024,
      timeout: TIMEOUT_SECONDS,
      vpcConfig: { subnetIds: network.privateSubnetIds, securityGroupIds: [network.securityGroupId] },
      publish: true,
      // Lambda would make its log group itself, unencrypted and kept for ever.
      dependsOn: [permissions, trail.signerLog],
    });

    new SignerCode(this, "code", policy, ({ path, assetHash }) => {
      signer.filename = path;
      signer.sourceCodeHash = assetHash;
      // Synthesis has validated the document; by its version the function knows that it got that very one.
      signer.putEnvironment({ variables: { SALLYPORT_BINDINGS: this.bindings(), SALLYPORT_POLICY_VERSION: policy.version() } });
    });
    // Code and environment change one after the other; callers go from one whole version to the next.
    this.alias = new LambdaAlias(this, "alias", { name: ALIAS_NAME, functionName: signer.functionName, functionVersion: signer.version });
  }

  /**
   * What the document does not say, as JSON: `secretPrefix` before the name of a secret that the door made,
   * `commitTable`, and `entrances` (kind of proof to API id), so that a foreign API is told apart (THREATS 30). Its size
   * does not grow with the policy: an environment holds 4 KB.
   */
  bindings(): string {
    const { trail, secretPrefix, apiIds } = this.props;
    return terraformJson({ secretPrefix: secretPrefix(), commitTable: trail.commits.name, entrances: apiIds() });
  }
}

/** What the role may do beside reading secrets. */
const statements = ({ commits, keyArn, signerLog }: AuditTrail): object[] => [
  {
    // Whatever key a secret has: only through Secrets Manager, which gives this role no others.
    Sid: "DecryptSecrets",
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: "*",
    Condition: { StringLike: { "kms:ViaService": "secretsmanager.*" } },
  },
  { Sid: "Commit", Effect: "Allow", Action: ["dynamodb:PutItem", "dynamodb:DeleteItem"], Resource: commits.arn },
  // One item of the table says what is revoked. The signer obeys it: it reads nothing else, and cannot write this.
  {
    Sid: "ReadRevocations",
    Effect: "Allow",
    Action: "dynamodb:GetItem",
    Resource: commits.arn,
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [REVOCATIONS_KEY] } },
  },
  {
    Sid: "KeepRevocations",
    Effect: "Deny",
    Action: ["dynamodb:PutItem", "dynamodb:DeleteItem"],
    Resource: commits.arn,
    Condition: { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": [REVOCATIONS_KEY] } },
  },
  {
    Sid: "EncryptCommits",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: keyArn,
    Condition: { StringLike: { "kms:ViaService": "dynamodb.*" } },
  },
  { Sid: "WriteLog", Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: `${signerLog.arn}:*` },
  {
    // Lambda attaches the function to its subnets as the function's role; EC2 knows no narrower resource for it.
    Sid: "AttachToNetwork",
    Effect: "Allow",
    Action: [
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignPrivateIpAddresses",
    ],
    Resource: "*",
  },
];
