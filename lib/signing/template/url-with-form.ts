/**
 * The URL and sorted form parameters that Twilio signs (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
 * Names and values follow each other with nothing between, so two forms can give one text: a weak base, by its design.
 * What is no form is covered by a query parameter that holds the body's hash, and never left uncovered.
 */
import { hash } from "node:crypto";
import { type Denial, deny } from "../../errors.js";
import { headerReader, type SignableMessage } from "../message.js";

const readContentType = headerReader(["content-type"]);

/** @returns the text to sign; a denial when nothing in it stands for the body */
export function urlWithForm(
  { authority, target, headers }: SignableMessage,
  body: Uint8Array,
  scheme: string,
  bodySha256Parameter: string,
): string | Denial {
  const url = `${scheme}://${authority}${target}`;
  const declared = new URLSearchParams(target.slice(target.indexOf("?") + 1)).getAll(bodySha256Parameter);
  if (declared.length > 0) {
    return declared.length === 1 && declared[0] === hash("sha256", body, "hex") ? url : mismatch(bodySha256Parameter);
  }
  if (body.length === 0) return url;
  const [contentType = ""] = readContentType(headers);
  if (contentType.split(";")[0]!.trim().toLowerCase() !== "application/x-www-form-urlencoded") return mismatch(bodySha256Parameter);
  const pairs = [...new URLSearchParams(Buffer.from(body).toString("utf8"))].sort(byNameThenValue).flat().join("");
  // What is not UTF-8 decodes to one character, whatever it was.
  return pairs.includes("\ufffd") ? mismatch(bodySha256Parameter) : url + pairs;
}

type Pair = readonly [name: string, value: string];

const byNameThenValue = ([name, value]: Pair, [otherName, otherValue]: Pair): number =>
  compare(name, otherName) || compare(value, otherValue);

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

const mismatch = (parameter: string): Denial =>
  deny("SIGNATURE_INVALID", { part: "body", expected: `a form in UTF-8, or its SHA-256 in the query parameter ${parameter}` });
