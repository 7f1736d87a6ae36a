/**
 * The one import of cdktf, constructs and the AWS provider. Provider classes come by sub-path: its root loads every
 * resource of AWS (3 s, 550 MB). Whoever swaps the framework (cdktn) does it here.
 */
export { ApiGatewayAccount } from "@cdktf/provider-aws/lib/api-gateway-account/index.js";
export { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment/index.js";
export { ApiGatewayIntegration } from "@cdktf/provider-aws/lib/api-gateway-integration/index.js";
export { ApiGatewayMethod } from "@cdktf/provider-aws/lib/api-gateway-method/index.js";
export { ApiGatewayResource } from "@cdktf/provider-aws/lib/api-gateway-resource/index.js";
export { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api/index.js";
export { ApiGatewayRestApiPolicy } from "@cdktf/provider-aws/lib/api-gateway-rest-api-policy/index.js";
export { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage/index.js";
export { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
export { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
export { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
export { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
export { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region/index.js";
export { DataAwsSecretsmanagerSecret } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secret/index.js";
export { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group/index.js";
export { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table/index.js";
export { Eip } from "@cdktf/provider-aws/lib/eip/index.js";
export { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy/index.js";
export { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
export { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
export { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js";
export { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway/index.js";
export { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias/index.js";
export { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
export { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias/index.js";
export { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
export { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
export { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway/index.js";
export { Route as VpcRoute } from "@cdktf/provider-aws/lib/route/index.js";
export { RouteTable } from "@cdktf/provider-aws/lib/route-table/index.js";
export { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association/index.js";
export { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
export { SecretsmanagerSecretPolicy } from "@cdktf/provider-aws/lib/secretsmanager-secret-policy/index.js";
export { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
export { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
export { Subnet } from "@cdktf/provider-aws/lib/subnet/index.js";
export { Vpc } from "@cdktf/provider-aws/lib/vpc/index.js";
export { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint/index.js";
export { Annotations, App, Aspects, AssetType, Fn, Lazy, TerraformAsset, TerraformOutput, TerraformStack, Token } from "cdktf";
export { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
export { Construct, type IConstruct } from "constructs";
