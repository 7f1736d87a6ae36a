/**
 * What a rule of the constructs is: it judges one field of a construct's props on its way into the document. Rules of
 * the document itself live in `lib/policy/checks`; these see what the document no longer shows: constructs, tokens and
 * values that must never reach it. One rule a file.
 */
import type { PolicyDocument } from "../../lib/policy/index.js";
import { Construct } from "../framework.js";

/** The maps of the document that constructs fill. */
export type Section = Exclude<keyof PolicyDocument, "version" | "name" | "environment">;

/** A construct that is an entry of a door's document. */
export interface Entry extends Construct {
  readonly section: Section;
  /** Its name in the document. */
  readonly entryName: string;
  /** The door whose document it is in. */
  readonly door: Construct;
}

export const isEntry = (value: unknown): value is Entry => value instanceof Construct && "entryName" in value;

/** What a section's construct is called in messages. */
export const CONSTRUCT_OF: Readonly<Record<Section, string>> = {
  secrets: "a Secret",
  certificates: "a Certificate",
  ipPolicies: "an IpPolicy",
  signingProfiles: "a SigningProfile",
  callers: "a Caller",
  routes: "a Route",
  grants: "a Grant",
  tests: "a PolicyTest",
};

export interface Field {
  /** The construct that has the field. */
  readonly entry: Entry;
  /** Section and field, list items as `N`: `routes/inject/N/secret`. */
  readonly path: string;
  /** The field as its author finds it: `inject.0.secret`. */
  readonly name: string;
  readonly value: unknown;
  /** The section whose construct belongs here; undefined: a plain value does. */
  readonly expected: Section | undefined;
}

/** A broken rule, in the words of lib/policy's problems. */
export interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly cure: string;
}

/** As synthesis prints it after the construct's path. */
export const tell = ({ rule, message, cure }: Finding): string => `[${rule}] ${message}. ${cure.replace(/\.$/, "")}.`;

export type FieldCheck = (field: Field) => Finding | undefined;
