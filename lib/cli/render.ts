/** Every result of a command as text for a person, or as one line of JSON for a machine. The only place that prints. */
import type { SecretListing } from "../adapters/local/secret-file.js";
import type { CommandResult } from "./command-result.js";
import type { AuditVerification } from "./commands/audit-verify.js";
import type { AccessExplanation } from "./commands/explain.js";
import type { StoredSecret } from "./commands/secrets-set.js";
import type { ServeEvent } from "./commands/serve.js";
import type { SignedRequest } from "./commands/sign.js";
import type { Validation } from "./commands/validate.js";
import type { Verification } from "./commands/verify.js";
import type { FaultReport } from "./fault-report.js";
import type { Io } from "./io.js";
import { type Paint, paintFor } from "./paint.js";
import { auditVerificationText } from "./render/audit-verification.js";
import { explanationText } from "./render/explanation.js";
import { faultText } from "./render/fault.js";
import { serveEventText } from "./render/serve-event.js";
import { validationText } from "./render/validation.js";

/** The data of each kind of output. */
interface Data {
  readonly validation: Validation;
  readonly explanation: AccessExplanation;
  readonly "serve-event": ServeEvent;
  readonly "signed-request": SignedRequest;
  readonly verification: Verification;
  readonly "audit-verification": AuditVerification;
  readonly "stored-secret": StoredSecret;
  readonly "secret-list": readonly SecretListing[];
  readonly fault: FaultReport;
}

type Kind = keyof Data;
export type AnyResult = { readonly [K in Kind]: CommandResult<K, Data[K]> }[Kind];
export type Output = { readonly [K in Kind]: Omit<CommandResult<K, Data[K]>, "exitCode"> }[Kind];

const TEXTS: { readonly [K in Kind]: (data: Data[K], paint: Paint) => string } = {
  validation: validationText,
  explanation: explanationText,
  "serve-event": serveEventText,
  "signed-request": ({ signature, curl }) => curl ?? signature.map(([name, value]) => `${name}: ${value}`).join("\n"),
  verification: (verification, paint) =>
    verification.valid
      ? `${paint("green", "valid")}: signed with key id ${verification.keyId} at ${verification.signedAt}, valid until ${verification.validUntil}`
      : `${paint("red", "not valid")}: ${verification.title} (${verification.code})\n${detailRows(verification.details)}  cure: ${verification.cure}`,
  "audit-verification": auditVerificationText,
  "stored-secret": ({ name, version, store }) => `stored ${name} ${version} in ${store}`,
  "secret-list": (secrets) => secrets.map(({ name, version, updatedAt }) => `${name}\t${version}\t${updatedAt}`).join("\n"),
  fault: faultText,
};

const detailRows = (details: Readonly<Record<string, unknown>>): string =>
  Object.entries(details)
    .map(([name, value]) => `  ${name}: ${Array.isArray(value) ? value.join(", ") : value}\n`)
    .join("");

export function print({ kind, data, warnings = [] }: Output, asJson: boolean, io: Io): void {
  const stream = kind === "fault" || (kind === "serve-event" && data.event === "warning") ? io.stderr : io.stdout;
  const text = asJson ? JSON.stringify(data) : (TEXTS[kind] as (data: unknown, paint: Paint) => string)(data, paintFor(stream, io));
  if (text !== "") stream.write(`${text}\n`);
  for (const warning of warnings) io.stderr.write(`${paintFor(io.stderr, io)("yellow", "warning")}: ${warning}\n`);
}
