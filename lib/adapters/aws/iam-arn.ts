/**
 * The role behind a call that API Gateway authenticated with SigV4, read from the STS ARN that it states:
 * `arn:<partition>:sts::<account>:assumed-role/<role>/<session>`, without the role's path. A user, the root of an
 * account or a federated user is no role, and nobody to this door. (IAM user guide: identifiers, name quotas)
 */
import type { PlatformIdentity } from "../../pipeline/message.js";

const ASSUMED_ROLE =
  /^arn:(?<partition>aws[a-z-]{0,20}):sts::(?<account>[0-9]{12}):assumed-role\/(?<roleName>[\w+=,.@-]{1,64})\/(?<sessionName>[\w+=,.@-]{2,64})$/;

/** @returns undefined for anything but the ARN of an assumed role */
export function parseAssumedRoleArn(arn: string): PlatformIdentity | undefined {
  const role = ASSUMED_ROLE.exec(arn)?.groups as Omit<PlatformIdentity, "kind"> | undefined;
  return role && { kind: "iam-role", ...role };
}
