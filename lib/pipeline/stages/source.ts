/** 5. Where the call comes from: the platform's own source address. Headers about it are ignored. (THREATS 13, 14) */
import { type Address, formatAddress, parseAddress } from "../../net/address.js";
import { parseSourceAddress } from "../../net/source-address.js";
import type { IncomingMessage } from "../message.js";

export interface Located {
  /** undefined: unknown, which fails every condition on it. */
  readonly sourceIp: Address | undefined;
  /** The address as the audit writes it. */
  readonly sourceText: string | undefined;
}

export function source({ sourceAddress }: IncomingMessage): Located {
  const address = sourceAddress === undefined ? undefined : parseAddress(sourceAddress);
  return { sourceIp: address && parseSourceAddress(sourceAddress!), sourceText: address && formatAddress(address) };
}
