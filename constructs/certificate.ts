import type { Door } from "./door.js";
import { StoredValue, type StoredValueProps } from "./stored-value.js";

export interface CertificateProps extends StoredValueProps {
  /** Days (1 to 365) before expiry at which an alarm is raised. Default: 30. */
  readonly expiryAlertDays?: number;
}

/** A client certificate with its private key, as PEM. Its value is never a prop. */
export class Certificate extends StoredValue {
  /** @param existingName what {@link fromName} names; without it an empty entry is made */
  constructor(door: Door, id: string, props: CertificateProps, existingName?: string) {
    super(door, id, "certificates", props, existingName);
  }

  /** An entry that exists in Secrets Manager of this account and region, by its name there. */
  static fromName(door: Door, id: string, name: string, props: CertificateProps): Certificate {
    return new Certificate(door, id, props, name);
  }
}
