/**
 * The signer's permission to read exactly the secrets that the policy's routes and callers name. Their ARNs are listed in
 * managed policies, as many as it takes: a role's inline policies hold 10,240 characters together, which a hundred secrets
 * fill. Where a role cannot list them all, what this door made is named by its prefix, which no other secret has. (IAM
 * user guide: IAM and AWS STS quotas)
 */
import { tell } from "./checks/check.js";
import { Aspects, Construct, IamPolicy, IamRolePolicyAttachment } from "./framework.js";
import type { StoredValue } from "./stored-value.js";
import { terraformJson } from "./terraform-json.js";

/** Characters of one managed policy, less what stands around the ARNs. */
const MAX_LIST_LENGTH = 6_144 - 200;
/** Managed policies of one role, unless AWS was asked for more. */
const MAX_POLICIES = 10;

export interface SecretAccessProps {
  readonly physicalName: string;
  readonly roleName: string;
  /** Asked for when the policy is complete. */
  readonly secrets: () => readonly StoredValue[];
  /** What the ARNs of the door's own secrets match. */
  readonly ownPattern: () => string;
}

export class SecretAccess extends Construct {
  constructor(scope: Construct, id: string, { physicalName, roleName, secrets, ownPattern }: SecretAccessProps) {
    super(scope, id);
    this.node.addValidation({ validate: () => tooMany(secrets()) });
    Aspects.of(this).add({
      visit: () => {
        if (this.node.children.length > 0) return;
        for (const [index, arns] of readable(secrets(), ownPattern).entries()) {
          const number = index + 1;
          const policy = new IamPolicy(this, `policy-${number}`, {
            name: `${physicalName}-secrets-${number}`,
            policy: terraformJson({
              Version: "2012-10-17",
              Statement: [{ Sid: "ReadSecrets", Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: arns }],
            }),
          });
          new IamRolePolicyAttachment(this, `attachment-${number}`, { role: roleName, policyArn: policy.arn });
        }
      },
    });
  }
}

/** Every ARN, or where those are too many the door's own by what they match. */
function readable(secrets: readonly StoredValue[], ownPattern: () => string): string[][] {
  const all = lists(secrets);
  return all.length <= MAX_POLICIES ? all : [[ownPattern()], ...lists(secrets.filter(({ isOwn }) => !isOwn))];
}

/** ARNs, each list short enough for one policy. */
function lists(secrets: readonly StoredValue[]): string[][] {
  const all: string[][] = [];
  let free = 0;
  for (const { arn, maxArnLength } of secrets) {
    const length = maxArnLength + '"",'.length;
    if (free < length) {
      all.push([]);
      free = MAX_LIST_LENGTH;
    }
    all.at(-1)!.push(arn);
    free -= length;
  }
  return all;
}

function tooMany(secrets: readonly StoredValue[]): string[] {
  const found = secrets.filter(({ isOwn }) => !isOwn);
  const needed = lists(found).length;
  if (needed < MAX_POLICIES || lists(secrets).length <= MAX_POLICIES) return [];
  const message = `the ARNs of ${found.length} secrets that exist already need ${needed} IAM policies, and a role has room for ${MAX_POLICIES - 1}`;
  return [tell({ rule: "too-many-secrets", message, cure: "Divide the routes between two doors" })];
}
