import { createHash } from "node:crypto";
import { type PolicyDocument, parseOrigin } from "../lib/policy/index.js";
import { AnomalyMonitor } from "./anomaly-monitor.js";
import { AuditTrail } from "./audit-trail.js";
import { AwsAccount } from "./aws-account.js";
import { checkDoorProps } from "./checks/door-props.js";
import { freeId } from "./checks/duplicate-name.js";
import type { Door, EntranceKind } from "./door.js";
import { EgressNetwork } from "./egress-network.js";
import { Construct, Lazy, TerraformOutput, TerraformStack } from "./framework.js";
import { FrontDoor } from "./front-door.js";
import { PolicyDraft } from "./policy-draft.js";
import { PolicyFile } from "./policy-file.js";
import { PolicyTest, type PolicyTestProps } from "./policy-test.js";
import { SecretVault } from "./secret-vault.js";
import { ServiceEndpoints } from "./service-endpoints.js";
import { SignerFunction } from "./signer-function.js";

export interface ZeroTrustProxyProps {
  /** The environment, such as `prod`: a name in lower case. */
  readonly environment: string;
  /** The zones to leave from, 1 to 8, each with a NAT gateway and a fixed address. Add at the end only: a zone's place is its network. */
  readonly availabilityZones: readonly string[];
  /** The door's name in the document, audit and outputs. Default: the id. */
  readonly name?: string;
  /** The door's own IPv4 network, /16 to /24. Default: 10.64.0.0/16. */
  readonly cidr?: string;
  /** `full`: Terraform refuses to destroy secrets, keys, addresses and tables. `none` is for tests and teardown. Default: `full`. */
  readonly protection?: "full" | "none";
  /** Days that logs are kept, one of the periods CloudWatch knows. Default: 365. */
  readonly logRetentionDays?: number;
  /** API Gateway writes logs with one role for the whole account and region: `create` it here, or rely on an `existing` one. Default: `create`. */
  readonly accessLogRole?: "create" | "existing";
  /** The date as YYYY-MM-DD by which waivers expire. Default: the day of the synthesis. */
  readonly today?: string;
}

/**
 * The door: one deployment of Sallyport, its policy, its entrances and its egress. Routes, secrets, callers and the
 * rest are created on it. What they say becomes one policy document, and whatever is wrong with that document fails
 * synthesis at the construct that said it.
 *
 * Ids that start with a capital are the door's own; the name of an entry never does.
 */
export class ZeroTrustProxy extends Construct implements Door {
  /** @internal */
  readonly policy: PolicyDraft;
  /** @internal */
  readonly vault: SecretVault;
  /** ARN of the SNS topic that alarms go to. */
  readonly alarmTopicArn: string;
  readonly #frontDoor: FrontDoor;
  readonly #monitor: AnomalyMonitor;
  readonly #tests: Construct;

  constructor(scope: Construct, id: string, props: ZeroTrustProxyProps) {
    super(scope, freeId(scope, id));
    checkDoorProps(this, props);
    const { environment, availabilityZones, name = id, cidr = "10.64.0.0/16", protection = "full", logRetentionDays = 365 } = props;
    const { accessLogRole = "create", today = new Date().toISOString().slice(0, 10) } = props;
    const isProtected = protection === "full";
    const physicalName = physicalNameOf(this, `sallyport-${name}-${environment}`);

    this.policy = new PolicyDraft(this, { name, environment }, today);
    this.node.addValidation({ validate: () => this.policy.failuresOf(this) });
    new PolicyFile(this, "Policy", { policy: this.policy, fileName: `${this.#path}.policy.json` });

    const account = new AwsAccount(this, "Account");
    const network = new EgressNetwork(this, "Network", {
      name: physicalName,
      cidr,
      availabilityZones,
      isProtected,
      targetPorts: () => Object.values(this.document().routes).flatMap(({ target }) => parseOrigin(target)?.port ?? []),
    });
    const trail = new AuditTrail(this, "Audit", { account, physicalName, isProtected, logRetentionDays });
    const signer = new SignerFunction(this, "Signer", {
      physicalName,
      policy: this.policy,
      network,
      trail,
      secretPrefix: () => this.vault.namePrefix,
      secretPattern: () => this.vault.arnPattern,
      apiIds: () => Object.fromEntries([...this.#frontDoor.entrances].map(([kind, { apiId }]) => [kind, apiId])),
    });
    new ServiceEndpoints(this, "Endpoints", { account, name: physicalName, network, signer, trail });
    this.vault = new SecretVault(this, "Secrets", { account, physicalName, isProtected, readerArn: signer.roleArn });
    this.#frontDoor = new FrontDoor(this, "Entrances", {
      physicalName,
      signer,
      trail,
      callerAccounts: () => callerAccounts(this.document()),
      createsLogRole: accessLogRole === "create",
    });
    this.#monitor = new AnomalyMonitor(this, "Anomalies", { physicalName, keyArn: trail.keyArn, door: { door: name, environment } });
    this.alarmTopicArn = this.#monitor.topicArn;
    this.#tests = new Construct(this, "Tests");
    this.#output("egress_addresses", network.egressAddresses);
    this.#output("secret_arns", Lazy.anyValue({ produce: () => this.vault.createdArns }));
    this.#output("bindings", Lazy.stringValue({ produce: () => signer.bindings() }));
  }

  /** A request with the decision it must get. */
  test(id: string, props: PolicyTestProps): PolicyTest {
    return new PolicyTest(this, this.#tests, id, props);
  }

  /** The policy document as far as it is written. */
  document(): PolicyDocument {
    return this.policy.document();
  }

  /** The document's canonical text: RFC 8785 JSON. */
  get policyJson(): string {
    return this.policy.text();
  }

  /** The SHA-256 of the canonical text, as 64 hex digits: it stands in every decision and audit event. */
  get policyVersion(): string {
    return this.policy.version();
  }

  /** @internal */
  open(kind: EntranceKind): void {
    if (this.#frontDoor.entrances.has(kind)) return;
    const entrance = this.#frontDoor.open(kind);
    this.#monitor.watch(kind, entrance);
    this.#output(`url_${kind}`, entrance.url);
  }

  /** The path below the stack: what outputs and files are named by. */
  get #path(): string {
    const { length } = TerraformStack.of(this).node.path;
    return this.node.path.slice(length + 1).replaceAll("/", "_");
  }

  #output(name: string, value: unknown): void {
    new TerraformOutput(this, `Output-${name}`, { value }).overrideLogicalId(`${this.#path}_${name}`);
  }
}

const callerAccounts = ({ callers }: PolicyDocument): string[] => {
  const accounts = Object.values(callers).flatMap((caller) => (caller.kind === "iam-role" ? caller.account : []));
  return [...new Set(accounts)].sort();
};

/** A name for AWS: short enough for a role's 64 characters, and told apart from other doors by where it stands. */
function physicalNameOf(door: Construct, name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 40);
  return `${slug}-${createHash("sha256").update(door.node.path).digest("hex").slice(0, 8)}`;
}
