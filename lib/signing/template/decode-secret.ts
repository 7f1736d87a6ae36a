/** A secret's text as the bytes of a key. Text that is not what the profile says is refused, never used as it stands. */
import { type Denial, deny } from "../../errors.js";
import type { SecretValue } from "../../secret-value.js";
import type { TemplateOptions } from "./options.js";

/** @returns at least one byte */
export function decodeSecret(secret: SecretValue, form: TemplateOptions["secret"]): Uint8Array | Denial {
  const bytes = form === undefined ? secret.revealBytes() : decodeBase64(secret.revealText(), form.prefix);
  if (bytes === undefined) return deny("SECRET_UNUSABLE", { expected: `base64, perhaps behind ${form!.prefix}` });
  return bytes.length > 0 ? bytes : deny("SECRET_TOO_SHORT", { expected: "a secret of at least one byte" });
}

function decodeBase64(text: string, prefix: string): Buffer | undefined {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded ? bytes : undefined;
}
