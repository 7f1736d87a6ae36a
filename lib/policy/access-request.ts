/** An access request from the words a person writes: a policy test, or the arguments of `sallyport explain`. */
import { isDenial, SallyportError } from "../errors.js";
import { parseTarget } from "../http/target.js";
import { parseAddress } from "../net/address.js";
import { parseSourceAddress } from "../net/source-address.js";
import type { AccessRequest } from "./conditions.js";

export interface DescribedRequest {
  readonly caller: string;
  readonly route: string;
  /** `METHOD /path`. */
  readonly request: string;
  /** Source address. */
  readonly from?: string | undefined;
  readonly country?: string | undefined;
  /** Lower-case names of the headers that the request carries. */
  readonly headers?: readonly string[] | undefined;
  readonly risk?: number | undefined;
}

/** @throws {INPUT_INVALID} when the request or the address cannot be read */
export function accessRequest({ caller, route, request, from, country, headers = [], risk }: DescribedRequest): AccessRequest {
  const [, method, rawTarget] = /^([A-Z]{3,20}) (\/\S*)$/.exec(request) ?? [];
  const target = rawTarget === undefined ? undefined : parseTarget(rawTarget);
  if (method === undefined || target === undefined || isDenial(target)) {
    throw new SallyportError("INPUT_INVALID", { request }, { message: `\`${request}\` is not \`METHOD /path\` in an unambiguous form` });
  }
  const source = from === undefined ? undefined : parseSourceAddress(from);
  if (from !== undefined && parseAddress(from) === undefined) {
    throw new SallyportError("INPUT_INVALID", { from }, { message: `\`${from}\` is not an IPv4 or IPv6 address` });
  }
  const present = new Set(headers);
  return { caller, route, method, segments: target.segments, source, country, risk, hasHeader: (name) => present.has(name) };
}
