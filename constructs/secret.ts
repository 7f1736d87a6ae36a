import type { Door } from "./door.js";
import { StoredValue, type StoredValueProps } from "./stored-value.js";

export interface SecretProps extends StoredValueProps {
  /** Days (1 to 3650) after which the value must have been rotated. Without it synthesis wants a `secret-max-age` waiver. */
  readonly maxAgeDays?: number;
}

/** A credential: an API key, a password, a signing key. Its value is never a prop. */
export class Secret extends StoredValue {
  /** @param existingName what {@link fromName} names; without it an empty entry is made */
  constructor(door: Door, id: string, props: SecretProps, existingName?: string) {
    super(door, id, "secrets", props, existingName);
  }

  /** An entry that exists in Secrets Manager of this account and region, by its name there. */
  static fromName(door: Door, id: string, name: string, props: SecretProps): Secret {
    return new Secret(door, id, props, name);
  }
}
