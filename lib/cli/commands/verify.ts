/** `sallyport verify`: whether a request's signature holds now, and the reason and cure where it does not. */
import { ERROR_CODES, type ErrorCode, type ErrorDetails, isDenial } from "../../errors.js";
import type { CommandResult } from "../command-result.js";
import { EXIT } from "../exit-code.js";
import type { Io } from "../io.js";
import { type RequestOptions, signableRequest } from "../signable-request.js";
import { signingProfile, weaknessOf } from "../signing-profiles.js";

export type Verification =
  | { readonly valid: true; readonly keyId: string; readonly signedAt: string; readonly validUntil: string }
  | { readonly valid: false; readonly code: ErrorCode; readonly title: string; readonly cure: string; readonly details: ErrorDetails };

export async function verify(options: RequestOptions, io: Io): Promise<CommandResult<"verification", Verification>> {
  const { keyId: expectedId } = options;
  const { message, key } = await signableRequest(options, io);
  const isExpected = (keyId: string): boolean => expectedId === undefined || keyId === expectedId;
  const verified = signingProfile(options).verify(message, (keyId) => (isExpected(keyId) ? key : undefined), io.clock.now());
  if (isDenial(verified)) {
    const { denied: code, details } = verified;
    const { title, cure } = ERROR_CODES[code];
    return { exitCode: EXIT.invalid, kind: "verification", data: { valid: false, code, title, cure, details } };
  }
  const { keyId, timestampSeconds, expiresAtMs } = verified;
  const signedAt = new Date(timestampSeconds * 1000).toISOString();
  const validUntil = new Date(expiresAtMs).toISOString();
  return {
    exitCode: EXIT.ok,
    kind: "verification",
    data: { valid: true, keyId, signedAt, validUntil },
    warnings: weaknessOf(options.profile),
  };
}
