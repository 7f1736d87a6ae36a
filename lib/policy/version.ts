/**
 * The canonical form of a document and its hash, the *policy version* that stands in every decision and audit event.
 * Order and formatting of the source do not change it.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical-json.js";
import type { PolicyDocument } from "./document.generated.js";

/** RFC 8785 JSON of the document. */
export const canonicalPolicy = (document: PolicyDocument): string => canonicalJson(document);

/** SHA-256 of the canonical document, as 64 hex digits. */
export const policyVersion = (document: PolicyDocument): string => createHash("sha256").update(canonicalPolicy(document)).digest("hex");
