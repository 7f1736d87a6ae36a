/**
 * The network calls leave from: in each zone a private subnet for the signer and a NAT gateway with an address of its
 * own, so that upstreams can allow exactly these. Nothing can be reached from outside.
 */
import {
  Construct,
  DefaultSecurityGroup,
  Eip,
  Fn,
  InternetGateway,
  Lazy,
  NatGateway,
  RouteTable,
  RouteTableAssociation,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcRoute,
} from "./framework.js";

const HTTPS_PORT = 443;
const EVERYWHERE = "0.0.0.0/0";

/** The network is cut into 16 subnets: the lower half private, the upper half public. */
const SUBNET_BITS = 4;
export const MAX_ZONES = 2 ** (SUBNET_BITS - 1);

export interface EgressNetworkProps {
  readonly name: string;
  readonly cidr: string;
  readonly availabilityZones: readonly string[];
  readonly isProtected: boolean;
  /** The ports that targets name, asked for when the policy is complete. */
  readonly targetPorts: () => readonly number[];
}

export class EgressNetwork extends Construct {
  readonly vpcId: string;
  readonly privateSubnetIds: string[];
  readonly privateRouteTableIds: string[];
  readonly securityGroupId: string;
  /** The fixed public addresses, one a zone; tokens. */
  readonly egressAddresses: string[];

  constructor(scope: Construct, id: string, { name, cidr, availabilityZones, isProtected, targetPorts }: EgressNetworkProps) {
    super(scope, id);
    const vpc = new Vpc(this, "vpc", { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } });
    const gateway = new InternetGateway(this, "internet", { vpcId: vpc.id });

    const publicTable = new RouteTable(this, "public-routes", { vpcId: vpc.id });
    new VpcRoute(this, "public-default", { routeTableId: publicTable.id, destinationCidrBlock: EVERYWHERE, gatewayId: gateway.id });

    const zones = availabilityZones.map((availabilityZone, index) => {
      const zone = new Construct(this, availabilityZone);
      const subnet = (kind: string, number: number) =>
        new Subnet(zone, kind, {
          vpcId: vpc.id,
          availabilityZone,
          cidrBlock: Fn.cidrsubnet(cidr, SUBNET_BITS, number),
          mapPublicIpOnLaunch: false,
          tags: { Name: `${name} ${kind} ${availabilityZone}` },
        });
      const publicSubnet = subnet("public", MAX_ZONES + index);
      const privateSubnet = subnet("private", index);
      new RouteTableAssociation(zone, "public-association", { subnetId: publicSubnet.id, routeTableId: publicTable.id });

      const address = new Eip(zone, "address", {
        domain: "vpc",
        tags: { Name: `${name} egress ${availabilityZone}` },
        lifecycle: { preventDestroy: isProtected },
      });
      const nat = new NatGateway(zone, "nat", { allocationId: address.allocationId, subnetId: publicSubnet.id, dependsOn: [gateway] });
      const privateTable = new RouteTable(zone, "private-routes", { vpcId: vpc.id });
      new VpcRoute(zone, "private-default", { routeTableId: privateTable.id, destinationCidrBlock: EVERYWHERE, natGatewayId: nat.id });
      new RouteTableAssociation(zone, "private-association", { subnetId: privateSubnet.id, routeTableId: privateTable.id });
      return { address: address.publicIp, privateSubnetId: privateSubnet.id, privateRouteTableId: privateTable.id };
    });

    // Without rules: whatever lands in the default group by mistake can talk to nobody.
    new DefaultSecurityGroup(this, "default-group", { vpcId: vpc.id });
    const signerGroup = new SecurityGroup(this, "signer-group", {
      vpcId: vpc.id,
      description: `Signer of ${name}: out to its targets, nothing in`,
      // In Terraform's own spelling, every attribute present: the list is filled only when the policy is complete.
      egress: Lazy.anyValue({ produce: () => [...new Set([HTTPS_PORT, ...targetPorts()])].sort((a, b) => a - b).map(egressTo) }),
    });

    this.vpcId = vpc.id;
    this.privateRouteTableIds = zones.map(({ privateRouteTableId }) => privateRouteTableId);
    this.privateSubnetIds = zones.map(({ privateSubnetId }) => privateSubnetId);
    this.securityGroupId = signerGroup.id;
    this.egressAddresses = zones.map(({ address }) => address);
  }
}

const egressTo = (port: number) => ({
  description: port === HTTPS_PORT ? "HTTPS: AWS and upstreams" : `Upstreams on port ${port}`,
  from_port: port,
  to_port: port,
  protocol: "tcp",
  cidr_blocks: [EVERYWHERE],
  ipv6_cidr_blocks: [],
  prefix_list_ids: [],
  security_groups: [],
  self: false,
});
