/** What entries need of the door they belong to; `ZeroTrustProxy` is the one that users make. */
import type { Construct } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";
import type { SecretVault } from "./secret-vault.js";

/** How a caller's proof arrives: verified by API Gateway (`iam`), or by the signer itself (`signed`). */
export type EntranceKind = "iam" | "signed";

export interface Door extends Construct {
  readonly policy: PolicyDraft;
  readonly vault: SecretVault;
  /** Opens an entrance, once. */
  open(entrance: EntranceKind): void;
}
