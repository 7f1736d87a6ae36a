/** `sallyport/aws`: the Lambda function and its stores. Needs the AWS SDK. */
export { type ApiGatewayEvent, type EntranceKind, messageOf } from "./api-gateway-event.js";
export type { ApiGatewayResult } from "./api-gateway-result.js";
export { type AwsDoor, type AwsDoorOptions, openAwsDoor } from "./aws-door.js";
export { type Bindings, type Deployment, deployedPolicy, readDeployment } from "./deployment.js";
export { type DynamodbCommitStoreOptions, dynamodbCommitStore } from "./dynamodb-commit-store.js";
export { type DynamodbRevocationsOptions, dynamodbRevocations } from "./dynamodb-revocations.js";
export { type EmfMetrics, type EmfMetricsOptions, emfMetrics } from "./emf-metrics.js";
export { type FreezableClock, freezableClock } from "./freezable-clock.js";
export { parseAssumedRoleArn } from "./iam-arn.js";
export { type LambdaContext, type LambdaHandler, lambdaHandler } from "./lambda-handler.js";
export { logAudit } from "./log-audit.js";
export { type SecretsManagerStoreOptions, secretsManagerStore } from "./secrets-manager-store.js";
