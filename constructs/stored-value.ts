/**
 * A value that lives in Secrets Manager and never here: the construct makes or finds the entry, and its value is set
 * out of band. Neither source code, `cdktf.out`, plan nor state can hold what no prop can carry (THREATS 5).
 */
import type { Door } from "./door.js";
import { PolicyEntry } from "./policy-entry.js";
import type { Waivable } from "./props.js";

/** An ARN without the name, in the partition and region with the longest names. */
const ARN_FRAME_LENGTH = "arn:aws-us-gov:secretsmanager:ap-southeast-2:111111111111:secret:-AbCdEf".length;

export interface StoredValueProps extends Waivable {
  /** Hosts, or host:port, that the value may be sent to: exact names. An empty list lets it go nowhere, as a caller's own key should. */
  readonly allowedHosts: readonly string[];
  /** The JSON field that holds the value. Default: the whole text is the value. */
  readonly field?: string;
}

export abstract class StoredValue extends PolicyEntry {
  /** ARN of the entry in Secrets Manager; a token. */
  readonly arn: string;
  /** Whether this door makes the entry. */
  readonly isOwn: boolean;
  /** How many characters the ARN can have at most. */
  readonly maxArnLength: number;

  protected constructor(door: Door, id: string, section: "secrets" | "certificates", props: StoredValueProps, existingName?: string) {
    super(door, id, { section });
    const { field, ...rest } = props;
    this.define({
      source: existingName === undefined ? { kind: "managed", field } : { kind: "secrets-manager", name: existingName, field },
      ...rest,
    });
    this.isOwn = existingName === undefined;
    this.arn = existingName === undefined ? door.vault.create(this) : door.vault.find(this, existingName);
    this.maxArnLength = ARN_FRAME_LENGTH + (existingName?.length ?? door.vault.nameLength(this));
  }
}
