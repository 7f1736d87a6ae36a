/** What is known of a call so far, as the fields of its audit event. What is not known is left out. */
import type { RequestEvent } from "../audit/event.js";
import { redactQuery } from "../audit/redact-query.js";

/** The parts of a call that the audit tells of, as the stages name them. */
export interface Describable {
  readonly policy?: { readonly version: string };
  readonly rule?: string;
  readonly caller?: string;
  readonly proof?: { readonly kind: string };
  readonly person?: string | undefined;
  readonly sourceText?: string | undefined;
  readonly route?: { readonly name: string };
  readonly method?: string;
  readonly parsedTarget?: { readonly path: string; readonly query: string | undefined };
  readonly credentials?: ReadonlyMap<string, { readonly version: string }>;
  readonly destination?: { readonly host: string; readonly port: number; readonly address: string };
  readonly body?: { readonly bytes: number };
}

export type Described = Omit<RequestEvent, "kind" | "decision" | "reason" | "requestId" | "time">;

export function describe({
  policy,
  rule,
  caller,
  proof,
  person,
  sourceText,
  route,
  method,
  parsedTarget,
  ...rest
}: Describable): Described {
  const { credentials, destination, body } = rest;
  const query = parsedTarget?.query;
  return defined({
    policyVersion: policy?.version,
    rule,
    caller,
    proof: proof?.kind,
    source: sourceText,
    route: route?.name || undefined,
    method,
    path: parsedTarget?.path,
    query: query === undefined ? undefined : redactQuery(query),
    credentials: credentials && [...credentials].map(([name, { version }]) => ({ name, version })),
    upstream: destination && { host: destination.host, port: destination.port, address: destination.address },
    requestBytes: body?.bytes,
    details: person === undefined ? undefined : { person },
  });
}

type Defined<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

export function defined<Fields extends object>(fields: Fields): Partial<Defined<Fields>> {
  const known: Partial<Fields> = {};
  for (const name in fields) if (fields[name] !== undefined) known[name] = fields[name];
  return known as Partial<Defined<Fields>>;
}

/** Milliseconds since the epoch as ISO 8601 in UTC. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
