/** A KMS key that rotates, and whom its policy lets use it beside the account's own IAM. */
import type { AwsAccount } from "./aws-account.js";
import { Construct, KmsAlias, KmsKey } from "./framework.js";
import { terraformJson } from "./terraform-json.js";

export interface EncryptionKeyProps {
  readonly account: AwsAccount;
  /** The alias, without `alias/`. */
  readonly alias: string;
  readonly description: string;
  /** Whether Terraform may destroy it. */
  readonly isProtected: boolean;
  /** Statements for AWS services that must use it. Default: none. */
  readonly serviceStatements?: readonly object[];
}

export class EncryptionKey extends Construct {
  readonly arn: string;
  readonly keyId: string;

  constructor(scope: Construct, id: string, { account, alias, description, isProtected, serviceStatements = [] }: EncryptionKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, "key", {
      description,
      enableKeyRotation: true,
      deletionWindowInDays: isProtected ? 30 : 7,
      policy: terraformJson({
        Version: "2012-10-17",
        Statement: [
          { Sid: "AccountUsesIam", Effect: "Allow", Principal: { AWS: account.rootArn }, Action: "kms:*", Resource: "*" },
          ...serviceStatements,
        ],
      }),
      lifecycle: { preventDestroy: isProtected },
    });
    new KmsAlias(this, "alias", { name: `alias/${alias}`, targetKeyId: key.id });
    this.arn = key.arn;
    this.keyId = key.keyId;
  }
}
