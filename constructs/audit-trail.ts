/**
 * Where the door writes what it decided and did: log groups, and the table whose one conditional write is both the
 * single-use claim of a request and the audit intent. All encrypted with a key that only they use.
 */
import type { AwsAccount } from "./aws-account.js";
import { EncryptionKey } from "./encryption-key.js";
import { CloudwatchLogGroup, Construct, DynamodbTable } from "./framework.js";

export interface AuditTrailProps {
  readonly account: AwsAccount;
  /** What the physical names start with. */
  readonly physicalName: string;
  readonly isProtected: boolean;
  readonly logRetentionDays: number;
}

export class AuditTrail extends Construct {
  readonly keyArn: string;
  readonly commits: DynamodbTable;
  readonly accessLog: CloudwatchLogGroup;
  readonly signerLog: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { account, physicalName, isProtected, logRetentionDays }: AuditTrailProps) {
    super(scope, id);
    const key = new EncryptionKey(this, "Key", {
      account,
      alias: `${physicalName}-records`,
      description: `Logs, commits and alarms of ${physicalName}`,
      isProtected,
      serviceStatements: [logsUseKey(account), alarmsUseKey(account)],
    });
    this.keyArn = key.arn;

    const logGroup = (child: string, name: string) =>
      new CloudwatchLogGroup(this, child, { name, kmsKeyId: key.arn, retentionInDays: logRetentionDays });
    this.accessLog = logGroup("access-log", `/aws/apigateway/${physicalName}`);
    this.signerLog = logGroup("signer-log", `/aws/lambda/${physicalName}`);

    this.commits = new DynamodbTable(this, "commits", {
      name: `${physicalName}-commits`,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "claim",
      attribute: [{ name: "claim", type: "S" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      deletionProtectionEnabled: isProtected,
      lifecycle: { preventDestroy: isProtected },
    });
  }
}

const logsUseKey = ({ region, dnsSuffix, partition, accountId }: AwsAccount) => ({
  Sid: "LogsUseKey",
  Effect: "Allow",
  Principal: { Service: `logs.${region}.${dnsSuffix}` },
  Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
  Resource: "*",
  Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${accountId}:*` } },
});

/** An alarm that cannot use the topic's key is raised, and told to nobody. */
const alarmsUseKey = ({ accountId }: AwsAccount) => ({
  Sid: "AlarmsUseKey",
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
  Resource: "*",
  Condition: { StringEquals: { "aws:SourceAccount": accountId } },
});
