import { describe, expect, it } from "vitest";
import { parseAssumedRoleArn } from "../../../lib/adapters/aws/iam-arn.js";

const identity = (fields: object) => ({
  kind: "iam-role",
  partition: "aws",
  account: "222222222222",
  roleName: "payments",
  sessionName: "i-0abc",
  ...fields,
});

describe("an assumed role's ARN", () => {
  it.each([
    ["names partition, account, role and session", "arn:aws:sts::222222222222:assumed-role/payments/i-0abc", {}],
    ["of China", "arn:aws-cn:sts::222222222222:assumed-role/payments/i-0abc", { partition: "aws-cn" }],
    ["of GovCloud", "arn:aws-us-gov:sts::222222222222:assumed-role/payments/i-0abc", { partition: "aws-us-gov" }],
    ["keeps the case of the role", "arn:aws:sts::222222222222:assumed-role/Payments/i-0abc", { roleName: "Payments" }],
    [
      "takes every character that names may have",
      "arn:aws:sts::222222222222:assumed-role/A_z+=,.@-9/alice@acme.example",
      { roleName: "A_z+=,.@-9", sessionName: "alice@acme.example" },
    ],
    [
      "takes names of 64 characters",
      `arn:aws:sts::222222222222:assumed-role/${"r".repeat(64)}/${"s".repeat(64)}`,
      { roleName: "r".repeat(64), sessionName: "s".repeat(64) },
    ],
  ])("%s", (_, arn, fields) => {
    expect(parseAssumedRoleArn(arn)).toEqual(identity(fields));
  });

  it.each([
    ["a user", "arn:aws:iam::222222222222:user/alice"],
    ["a role that nobody assumed", "arn:aws:iam::222222222222:role/payments"],
    ["the root of an account", "arn:aws:iam::222222222222:root"],
    ["a federated user", "arn:aws:sts::222222222222:federated-user/alice"],
    ["a role without a session", "arn:aws:sts::222222222222:assumed-role/payments"],
    ["a session of one character", "arn:aws:sts::222222222222:assumed-role/payments/i"],
    ["a role with a path", "arn:aws:sts::222222222222:assumed-role/team/payments/i-0abc"],
    ["an account of 11 digits", "arn:aws:sts::22222222222:assumed-role/payments/i-0abc"],
    ["an account of 13 digits", "arn:aws:sts::2222222222222:assumed-role/payments/i-0abc"],
    ["a region", "arn:aws:sts:eu-west-1:222222222222:assumed-role/payments/i-0abc"],
    ["no partition", "arn::sts::222222222222:assumed-role/payments/i-0abc"],
    ["another word for aws", "arn:azure:sts::222222222222:assumed-role/payments/i-0abc"],
    ["another service", "arn:aws:iam::222222222222:assumed-role/payments/i-0abc"],
    ["a line break at the end", "arn:aws:sts::222222222222:assumed-role/payments/i-0abc\n"],
    ["something in front", " arn:aws:sts::222222222222:assumed-role/payments/i-0abc"],
    ["a role of 65 characters", `arn:aws:sts::222222222222:assumed-role/${"r".repeat(65)}/i-0abc`],
    ["letters beyond ASCII", "arn:aws:sts::222222222222:assumed-role/pаyments/i-0abc"],
    ["nothing", ""],
  ])("is not %s", (_, arn) => {
    expect(parseAssumedRoleArn(arn)).toBeUndefined();
  });
});
