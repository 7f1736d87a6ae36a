/**
 * The proof as it stands in a message, strictly read: each part exactly once and in its one spelling, the scope as the
 * profile has it. Algorithm, region and service of the message choose nothing, they only have to agree.
 */
import { type Denial, deny, isDenial } from "../../errors.js";
import type { QueryPair } from "../canonical-target.js";
import { headerReader, type SignableMessage } from "../message.js";
import { dayOf, parseAmzDate } from "./amz-date.js";
import { isKeyId, type Sigv4FormName, type Sigv4Rules } from "./rules.js";

export interface Proof {
  readonly keyId: string;
  readonly date: string;
  readonly timestampSeconds: number;
  readonly scope: string;
  /** How long it lives from its time on: the profile's window, or what a presigned target says. */
  readonly lifeSeconds: number;
  readonly signedHeaders: string;
  readonly signature: string;
}

type Part = "algorithm" | "credential" | "date" | "expires" | "regionSet" | "signature" | "signedHeaders";
type Parts = { readonly [part in Part]?: string | undefined };

const AUTHORIZATION = /^([A-Z0-9-]+) Credential=([^ ,]+), ?SignedHeaders=([^ ,]+), ?Signature=([^ ,]+)$/;
const MAX_AUTHORIZATION_LENGTH = 8192;
const IN_HEADERS = headerReader(["authorization", "x-amz-date", "x-amz-region-set"]);

function readHeaders({ headers }: SignableMessage): Parts | Denial {
  const [authorization, date, regionSet] = IN_HEADERS(headers);
  if (authorization === undefined) return deny("PROOF_MISSING", { expected: ["authorization"] });
  const cut = authorization.length <= MAX_AUTHORIZATION_LENGTH && AUTHORIZATION.exec(authorization);
  if (!cut) return malformed("authorization", "ALGORITHM Credential=…, SignedHeaders=…, Signature=…, exactly once");
  const [, algorithm, credential, signedHeaders, signature] = cut;
  return { algorithm, credential, signedHeaders, signature, date, regionSet };
}

/** In lower case: an upstream may find a parameter in any case. */
const PARAMETERS: Readonly<Record<string, readonly [spelling: string, part: Part | "token"]>> = {
  "x-amz-algorithm": ["X-Amz-Algorithm", "algorithm"],
  "x-amz-credential": ["X-Amz-Credential", "credential"],
  "x-amz-date": ["X-Amz-Date", "date"],
  "x-amz-expires": ["X-Amz-Expires", "expires"],
  "x-amz-region-set": ["X-Amz-Region-Set", "regionSet"],
  "x-amz-security-token": ["X-Amz-Security-Token", "token"],
  "x-amz-signature": ["X-Amz-Signature", "signature"],
  "x-amz-signedheaders": ["X-Amz-SignedHeaders", "signedHeaders"],
};

function readQuery(_: SignableMessage, pairs: readonly QueryPair[]): Parts | Denial {
  const parts: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (!Object.hasOwn(PARAMETERS, lower)) continue;
    const [spelling, part] = PARAMETERS[lower]!;
    if (name !== spelling || part in parts) return malformed(lower, `${spelling}, exactly once`);
    parts[part] = value;
  }
  return "signature" in parts || "algorithm" in parts ? parts : deny("PROOF_MISSING", { expected: ["X-Amz-Signature"] });
}

const READERS: Readonly<Record<Sigv4FormName, (message: SignableMessage, pairs: readonly QueryPair[]) => Parts | Denial>> = {
  header: readHeaders,
  query: readQuery,
};

const EXPIRES = /^[1-9][0-9]{0,5}$/;

/** @param pairs the decoded query of the message */
export function readProof(rules: Sigv4Rules, message: SignableMessage, pairs: readonly QueryPair[]): Proof | Denial {
  const { algorithm, form, windowSeconds } = rules;
  const parts = READERS[form](message, pairs);
  if (isDenial(parts)) return parts;
  const { credential = "", date = "", expires = "", signature = "", signedHeaders = "" } = parts;

  if (parts.algorithm !== algorithm.name) return malformed("algorithm", algorithm.name);
  const timestampSeconds = parseAmzDate(date);
  if (timestampSeconds === undefined) return malformed("x-amz-date", "YYYYMMDDTHHMMSSZ, exactly once");
  const slash = credential.indexOf("/");
  const keyId = credential.slice(0, slash);
  const scope = algorithm.scope(dayOf(date));
  if (!isKeyId(keyId) || credential.slice(slash + 1) !== scope) return malformed("credential", `the key id and /${scope}`);
  if (algorithm.regionSet !== undefined && parts.regionSet !== algorithm.regionSet) {
    return malformed("x-amz-region-set", `${algorithm.regionSet}, exactly once`);
  }
  if (!algorithm.signature.pattern.test(signature)) return malformed("signature", algorithm.signature.expected);
  if (form === "query" && !(EXPIRES.test(expires) && Number(expires) <= windowSeconds)) {
    return malformed("x-amz-expires", `whole seconds from 1 to ${windowSeconds}`);
  }
  const lifeSeconds = form === "query" ? Number(expires) : windowSeconds;
  return { keyId, date, timestampSeconds, scope, lifeSeconds, signedHeaders, signature };
}

const malformed = (part: string, expected: string): Denial => deny("PROOF_MALFORMED", { part, expected });
