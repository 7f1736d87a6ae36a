/**
 * Secrets Manager for one door: its own key, and for each entry a resource policy that denies every reader but the
 * signer (THREATS 31). Entries are made empty; no resource here can hold a value. Their names are one prefix and the
 * policy's own name, so that the signer knows them all however many they are.
 */
import type { AwsAccount } from "./aws-account.js";
import { EncryptionKey } from "./encryption-key.js";
import { Construct, DataAwsSecretsmanagerSecret, Fn, SecretsmanagerSecret, SecretsmanagerSecretPolicy } from "./framework.js";
import { terraformJson } from "./terraform-json.js";

/** Enough of a key's id to tell one deployment's names from another's. */
const KEY_ID_CHARACTERS = 8;

export interface SecretVaultProps {
  readonly account: AwsAccount;
  /** What the physical names start with. */
  readonly physicalName: string;
  readonly isProtected: boolean;
  /** The one role that may read values. */
  readonly readerArn: string;
}

export class SecretVault extends Construct {
  /** The entries made here, by their id: what somebody has yet to put a value into. */
  readonly createdArns: Record<string, string> = {};
  /** What the names of the entries made here start with; a token. */
  readonly namePrefix: string;
  readonly #key: EncryptionKey;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SecretVaultProps,
  ) {
    super(scope, id);
    const { account, physicalName, isProtected } = props;
    this.#key = new EncryptionKey(this, "Key", {
      account,
      alias: `${physicalName}-secrets`,
      description: `Secrets of ${physicalName}`,
      isProtected,
    });
    // A name stays taken for the whole recovery window after a destroy: the next deployment has another key, and other names.
    this.namePrefix = `${physicalName}/${Fn.substr(this.#key.keyId, 0, KEY_ID_CHARACTERS)}/`;
  }

  /** What the ARNs of the entries made here match, and no other: another deployment's key has another id. A token. */
  get arnPattern(): string {
    const { partition, region, accountId } = this.props.account;
    return `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${this.namePrefix}*`;
  }

  /** Characters of the name that {@link create} gives an entry. */
  nameLength(owner: Construct): number {
    return this.props.physicalName.length + KEY_ID_CHARACTERS + owner.node.id.length + "//".length;
  }

  /** Makes an empty entry below `owner`. @returns its ARN, a token */
  create(owner: Construct): string {
    const { isProtected, readerArn } = this.props;
    const secret = new SecretsmanagerSecret(owner, "entry", {
      name: `${this.namePrefix}${owner.node.id}`,
      kmsKeyId: this.#key.arn,
      recoveryWindowInDays: isProtected ? 30 : 7,
      lifecycle: { preventDestroy: isProtected },
    });
    new SecretsmanagerSecretPolicy(owner, "readers", {
      secretArn: secret.arn,
      blockPublicPolicy: true,
      policy: terraformJson({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "OnlyTheSignerReads",
            Effect: "Deny",
            Principal: "*",
            Action: "secretsmanager:GetSecretValue",
            Resource: "*",
            Condition: { ArnNotEquals: { "aws:PrincipalArn": readerArn } },
          },
        ],
      }),
    });
    this.createdArns[owner.node.id] = secret.arn;
    return secret.arn;
  }

  /** Looks up an entry that exists. Its own policy is its owner's. @returns its ARN, a token */
  find(owner: Construct, name: string): string {
    return new DataAwsSecretsmanagerSecret(owner, "entry", { name }).arn;
  }
}
