/**
 * A route's target as the one resolved object that decides, dials, names SNI and Host, and is signed (THREATS 1): an
 * origin and a base path, read strictly from the policy and never from a request.
 */
import { isDenial } from "../errors.js";
import { parseTarget } from "../http/target.js";
import { formatAddress, parseAddress } from "../net/address.js";

export interface Origin {
  readonly scheme: "https" | "http";
  /** Lower-case name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What Host carries and what is signed: the port stands only where it is not the scheme's own. */
  readonly authority: string;
  /** Starts with `/` and does not end with one; empty at the root. */
  readonly basePath: string;
}

const TARGET = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?(\/.*)?$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DEFAULT_PORT = { https: 443, http: 80 } as const;

/** Whether a text is a DNS name in canonical form: lower-case labels, no number at the end (an address to some resolvers), no trailing dot. */
export function isHostName(host: string): boolean {
  const labels = host.split(".");
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!);
}

/** @returns undefined when the text is not an origin in canonical form */
export function parseOrigin(target: string): Origin | undefined {
  const [, scheme, hostText, portText, path = ""] = TARGET.exec(target) ?? [];
  if (hostText === undefined) return undefined;
  const bracketed = hostText.startsWith("[");
  const host = bracketed ? hostText.slice(1, -1) : hostText;
  const address = parseAddress(host);
  const isCanonical =
    address === undefined ? !bracketed && isHostName(host) : bracketed === (address.family === 6) && formatAddress(address) === host;
  if (!isCanonical) return undefined;
  const port = portText === undefined ? DEFAULT_PORT[scheme as "https" | "http"] : Number(portText);
  if (port > 65_535) return undefined;
  const basePath = path.replace(/\/$/, "");
  const parsed = parseTarget(basePath === "" ? "/" : basePath);
  if (isDenial(parsed) || parsed.query !== undefined || (basePath !== "" && parsed.segments.includes(""))) return undefined;
  const authority = port === DEFAULT_PORT[scheme as "https" | "http"] ? hostText : `${hostText}:${port}`;
  return { scheme: scheme as "https" | "http", host, port, authority, basePath: basePath === "" ? "" : parsed.path };
}

/** Whether an entry of `allowedHosts` is a host or host:port in canonical form, and so one that can be reached. */
export const isAuthority = (text: string): boolean =>
  !text.includes("/") && (parseAddress(text) !== undefined || parseOrigin(`https://${text}`) !== undefined);

/** Whether `allowedHosts` has the origin: an entry is a host, which means any port, or host:port. */
export const isAllowedHost = (allowedHosts: readonly string[], { host, port }: Origin): boolean =>
  allowedHosts.includes(host) || allowedHosts.includes(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
