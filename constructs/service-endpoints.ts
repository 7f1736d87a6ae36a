/**
 * The services that the signer itself calls, reached without leaving the network: each endpoint lets through the signer
 * alone, for these actions alone, so that whoever gets into the network with keys of their own reaches nothing (THREATS 31).
 * Logs leave through Lambda, and keys are used by the two services: neither needs an endpoint. An S3 endpoint would take
 * upstreams in S3 off the fixed addresses.
 */
import type { AuditTrail } from "./audit-trail.js";
import type { AwsAccount } from "./aws-account.js";
import type { EgressNetwork } from "./egress-network.js";
import { Construct, SecurityGroup, VpcEndpoint } from "./framework.js";
import type { SignerFunction } from "./signer-function.js";
import { terraformJson } from "./terraform-json.js";

export interface ServiceEndpointsProps {
  readonly account: AwsAccount;
  readonly name: string;
  readonly network: EgressNetwork;
  readonly signer: SignerFunction;
  readonly trail: AuditTrail;
}

export class ServiceEndpoints extends Construct {
  constructor(scope: Construct, id: string, { account, name, network, signer, trail }: ServiceEndpointsProps) {
    super(scope, id);
    const onlySigner = (action: readonly string[], resource: string) =>
      terraformJson({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "OnlyTheSigner",
            Effect: "Allow",
            Principal: "*",
            Action: action,
            Resource: resource,
            Condition: { ArnEquals: { "aws:PrincipalArn": signer.roleArn } },
          },
        ],
      });
    const common = (service: string) => ({
      vpcId: network.vpcId,
      serviceName: `com.amazonaws.${account.region}.${service}`,
      tags: { Name: `${name} ${service}` },
    });

    const group = new SecurityGroup(this, "group", {
      vpcId: network.vpcId,
      description: `Service endpoints of ${name}: HTTPS from the signer`,
      ingress: [
        { description: "HTTPS from the signer", fromPort: 443, toPort: 443, protocol: "tcp", securityGroups: [network.securityGroupId] },
      ],
    });
    new VpcEndpoint(this, "secrets-manager", {
      ...common("secretsmanager"),
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: network.privateSubnetIds,
      securityGroupIds: [group.id],
      policy: onlySigner(["secretsmanager:GetSecretValue"], "*"),
    });
    new VpcEndpoint(this, "dynamodb", {
      ...common("dynamodb"),
      vpcEndpointType: "Gateway",
      routeTableIds: network.privateRouteTableIds,
      policy: onlySigner(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], trail.commits.arn),
    });
  }
}
