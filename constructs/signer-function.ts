/**
 * The Lambda function that decides, adds the credential, signs and sends. It runs in the private subnets, carries the
 * policy document beside its code, and may read exactly the secrets that the policy's routes and callers name. Its
 * environment holds names and ARNs, never a value (THREATS 24).
 */
import type { AuditTrail } from "./audit-trail.js";
import type { EgressNetwork } from "./egress-network.js";
import { Construct, IamRole, IamRolePolicy, LambdaAlias, LambdaFunction, Lazy } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";
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
      policy: Lazy.stringValue({ produce: () => terraformJson({ Version: "2012-10-17", Statement: this.#statements() }) }),
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
   * What the document names and Terraform made, as JSON: `secrets` and `certificates` (name to ARN), `commitTable`, and
   * `entrances` (kind of proof to API id), so that a foreign API is told apart (THREATS 30).
   */
  bindings(): string {
    const arnsOf = (section: string) =>
      Object.fromEntries(
        this.#storedValues()
          .filter((value) => value.section === section)
          .map(({ entryName, arn }) => [entryName, arn]),
      );
    return terraformJson({
      secrets: arnsOf("secrets"),
      certificates: arnsOf("certificates"),
      commitTable: this.props.trail.commits.name,
      entrances: this.props.apiIds(),
    });
  }

  #storedValues(): readonly StoredValue[] {
    return this.props.policy.inUse().filter((entry) => entry instanceof StoredValue);
  }

  #statements(): object[] {
    const { commits, keyArn, signerLog } = this.props.trail;
    const secretArns = this.#storedValues().map(({ arn }) => arn);
    const readSecrets = [
      { Sid: "ReadSecrets", Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArns },
      {
        // Whatever key a secret has: only through Secrets Manager, and only for these secrets.
        Sid: "DecryptSecrets",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: "*",
        Condition: {
          StringLike: { "kms:ViaService": "secretsmanager.*" },
          StringEquals: { "kms:EncryptionContext:SecretARN": secretArns },
        },
      },
    ];
    return [
      ...(secretArns.length > 0 ? readSecrets : []),
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
  }
}
