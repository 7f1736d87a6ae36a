/**
 * 9. The request as it goes out: the caller's headers, less what stands where a credential will; the credentials; the
 * signature last, over exactly what is sent. (THREATS 6, 7, 9, 10)
 */
import { type Denial, deny } from "../../errors.js";
import { equivalentName, type Header, type HeaderList, isHeaderValue } from "../../http/headers.js";
import { withoutQueryParameter } from "../../http/target.js";
import { type Placement, renderInjection } from "../../injection/index.js";
import type { Door } from "../door.js";
import type { IncomingMessage, UpstreamRequest } from "../message.js";
import { signingKeyOf } from "../signing-key.js";
import type { Authorized } from "./authorize.js";
import type { Bounded } from "./bound.js";
import type { Credentialed } from "./credentials.js";
import type { Parsed } from "./parse.js";
import type { Routed } from "./route.js";

export interface Built {
  readonly upstreamRequest: UpstreamRequest;
}

export type BuildNeeds = IncomingMessage & Bounded & Parsed & Routed & Authorized & Credentialed;

export async function build(known: BuildNeeds, door: Door): Promise<Built | Denial> {
  const { method, body, parsedTarget, route, segments, callerHeaders, credentials, profiles } = known;
  const placements = route.inject.map((injection) => renderInjection(injection, credentials.get(injection.secret)!.value));
  if (placements.some(({ value }) => !isHeaderValue(value))) return deny("SECRET_UNUSABLE", { route: route.name });

  const path = `${route.origin.basePath}/${segments.join("/")}`;
  const query = placements.reduce<string | undefined>(injectParameter, parsedTarget.query);
  const target = query === undefined ? path : `${path}?${query}`;
  const signed = route.sign === undefined ? [] : profiles.outbound.get(route.sign)!.headers;
  const headers = injectHeaders(callerHeaders, placements, signed, route.origin.authority, body.declaredBytes);
  const unsigned = { method, target, headers };
  const signature = route.sign === undefined ? [] : await sign(unsigned, known, door);
  if ("denied" in signature) return signature;
  return { upstreamRequest: { ...unsigned, headers: [...headers, ...signature], body: await body.forward() } };
}

/** What would bring an answer that cannot be searched for the credential: encoded, or in pieces over several answers. */
const UNSEARCHABLE = ["accept-encoding", "range", "if-range"];

function injectHeaders(
  callerHeaders: HeaderList,
  placements: readonly Placement[],
  signed: readonly string[],
  authority: string,
  bodyBytes?: number,
): Header[] {
  const injected = placements.flatMap((placement) => ("header" in placement ? [placement] : []));
  const taken = new Set([
    "content-length",
    ...signed,
    ...(placements.length > 0 ? UNSEARCHABLE : []),
    ...injected.map(({ header }) => equivalentName(header)),
  ]);
  const headers: Header[] = [["host", authority], ...callerHeaders.filter(([name]) => !taken.has(equivalentName(name)))];
  if (bodyBytes !== undefined) headers.push(["content-length", String(bodyBytes)]);
  if (placements.length > 0) headers.push(["accept-encoding", "identity"]);
  for (const { header, value } of injected) headers.push([header, value]);
  return headers;
}

function injectParameter(query: string | undefined, placement: Placement): string | undefined {
  if (!("parameter" in placement)) return query;
  const rest = query === undefined ? "" : withoutQueryParameter(query, placement.parameter);
  const pair = `${placement.parameter}=${placement.value}`;
  return rest === "" ? pair : `${rest}&${pair}`;
}

async function sign(message: Omit<UpstreamRequest, "body">, known: BuildNeeds, door: Door): Promise<HeaderList | Denial> {
  const { body, route, profiles, credentials, now } = known;
  const { profile, signsBytes } = profiles.outbound.get(route.sign!)!;
  const signable = signsBytes ? await body.collect(door.bodyBudget) : await body.digest(door.bodyBudget);
  if (typeof signable !== "string" && "denied" in signable) return signable;
  const { id, secret } = signingKeyOf(known)!;
  const nonce = Buffer.from(door.random.bytes(18)).toString("base64url");
  return profile.sign(
    { ...message, authority: route.origin.authority, body: typeof signable === "string" ? { sha256Hex: signable } : signable },
    { id, secret: credentials.get(secret)!.value },
    { timestampSeconds: Math.floor(now / 1000), nonce },
  );
}
