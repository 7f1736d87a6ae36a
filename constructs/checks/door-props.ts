/** What a door itself must be given before anything can be built on it; thrown at once, for all else hangs on it. */
import { MAX_ZONES } from "../egress-network.js";
import { type Construct, Token } from "../framework.js";
import { type Finding, tell } from "./check.js";

interface DoorProps {
  readonly environment: string;
  readonly availabilityZones: readonly string[];
  readonly name?: string;
  readonly cidr?: string;
  readonly protection?: string;
}

const NETWORK = /^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|2[0-4])$/;

function findingsOf(props: DoorProps): Finding[] {
  const { availabilityZones: zones, cidr, protection } = props;
  const tokens = Object.entries(props).filter(
    ([, value]) => Token.isUnresolved(value) || (Array.isArray(value) && value.some(Token.isUnresolved)),
  );
  const findings: Finding[] = tokens.map(([field]) => ({
    rule: "unresolved-token",
    message: `\`${field}\` is a Terraform token: values known only at apply time never enter the document`,
    cure: "Write the value itself, or look it up before synthesis",
  }));
  if (!Array.isArray(zones) || zones.length === 0 || zones.length > MAX_ZONES || new Set(zones).size < zones.length) {
    findings.push({
      rule: "availability-zones",
      message: `\`availabilityZones\` is not a list of 1 to ${MAX_ZONES} different zones`,
      cure: "List the zones to leave from, such as eu-west-1a",
    });
  }
  if (cidr !== undefined && !NETWORK.test(cidr)) {
    findings.push({
      rule: "bad-network",
      message: `\`cidr\` is not an IPv4 network from /16 to /24`,
      cure: "Write one such as 10.64.0.0/16",
    });
  }
  if (protection !== undefined && protection !== "full" && protection !== "none") {
    findings.push({ rule: "bad-value", message: "`protection` is neither `full` nor `none`", cure: "Leave it out for `full`" });
  }
  return findings;
}

export function checkDoorProps(door: Construct, props: DoorProps): void {
  const findings = findingsOf(props);
  if (findings.length > 0) throw new Error(findings.map((finding) => `[${door.node.path}] ${tell(finding)}`).join("\n"));
}
