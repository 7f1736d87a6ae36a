/** Where a door is deployed, as tokens: so no ARN assumes a partition, a region or an account. */
import { Construct, DataAwsCallerIdentity, DataAwsPartition, DataAwsRegion } from "./framework.js";

export class AwsAccount extends Construct {
  readonly accountId: string;
  readonly partition: string;
  /** `amazonaws.com`, or what stands for it in the partition. */
  readonly dnsSuffix: string;
  readonly region: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.accountId = new DataAwsCallerIdentity(this, "identity").accountId;
    const partition = new DataAwsPartition(this, "partition");
    this.partition = partition.partition;
    this.dnsSuffix = partition.dnsSuffix;
    this.region = new DataAwsRegion(this, "region").id;
  }

  /** The account itself as a principal. */
  get rootArn(): string {
    return `arn:${this.partition}:iam::${this.accountId}:root`;
  }
}
