/**
 * The role API Gateway writes access logs with. AWS keeps one for the whole account and region: of several doors in
 * one place, only one may set it.
 */
import { ApiGatewayAccount, Construct, IamRole, IamRolePolicy } from "./framework.js";
import { terraformJson } from "./terraform-json.js";

export class AccessLogRole extends Construct {
  /** What a stage with access logs must wait for. */
  readonly setting: ApiGatewayAccount;

  constructor(scope: Construct, id: string, physicalName: string, logGroupArn: string) {
    super(scope, id);
    const role = new IamRole(this, "role", {
      name: `${physicalName}-access-log`,
      assumeRolePolicy: terraformJson({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    });
    const permissions = new IamRolePolicy(this, "permissions", {
      role: role.id,
      policy: terraformJson({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents"],
            Resource: [logGroupArn, `${logGroupArn}:*`],
          },
          // API Gateway checks on these when the role is set, and they know no narrower resource.
          { Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:DescribeLogGroups"], Resource: "*" },
        ],
      }),
    });
    this.setting = new ApiGatewayAccount(this, "setting", { cloudwatchRoleArn: role.arn, dependsOn: [permissions] });
  }
}
