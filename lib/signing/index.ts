/** `sallyport/signing`: sign and verify requests, and tell a used one. Needs neither the CDK nor an AWS SDK. */
export { type Denial, type ErrorCode, isDenial, SallyportError } from "../errors.js";
export type { Commit, CommitResult, CommitStore } from "../ports.js";
export { SecretValue } from "../secret-value.js";
export { canonicalTarget } from "./canonical-target.js";
export { type HmacOptions, hmacProfile } from "./hmac.js";
export type { HmacFormName } from "./hmac-base.js";
export type { Header, HeaderList, SignableMessage } from "./message.js";
export type { Freshness, SigningKey, SigningProfile, Verified } from "./profile.js";
export { MemoryCommitStore, type MemoryCommitStoreOptions } from "./replay.js";
