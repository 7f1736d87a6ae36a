/** Where a gateway listens. TLS is required off loopback: a caller's proof and body never cross a network in the clear. */
import { SallyportError } from "../../errors.js";
import { parseAddress } from "../../net/address.js";
import { CidrSet, parseCidr } from "../../net/cidr.js";

export interface Listener {
  /** An address of this machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The route that this port means; undefined: the path names it. */
  readonly route?: string;
}

const LOOPBACK = new CidrSet([parseCidr("127.0.0.0/8")!, parseCidr("::1")!]);

export function isLoopback(host: string): boolean {
  const address = parseAddress(host);
  return address !== undefined && LOOPBACK.contains(address);
}

/**
 * @param text `[route=][host:]port`, such as `8080`, `127.0.0.1:8080`, `[::1]:8080` or `stripe=8081`
 * @throws {INPUT_INVALID}
 */
export function parseListener(text: string): Listener {
  const [, route, bracketed, plain, portText] =
    /^(?:([a-z][a-z0-9-]*)=)?(?:(?:\[([0-9a-f:.]+)\]|([0-9.]+)):)?([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? "127.0.0.1";
  const port = Number(portText);
  if (portText === undefined || port > 65_535 || parseAddress(host) === undefined) {
    throw new SallyportError("INPUT_INVALID", { listen: text }, { message: `\`${text}\` is not [route=][address:]port` });
  }
  return { host, port, ...(route !== undefined && { route }) };
}

/** The Host values that name a listener: its address, and `localhost` where it is on loopback. */
export function authoritiesOf({ host, port }: Listener, isTls: boolean): string[] {
  const names = [host.includes(":") ? `[${host}]` : host, ...(isLoopback(host) ? ["localhost"] : [])];
  return names.flatMap((name) => (port === (isTls ? 443 : 80) ? [name, `${name}:${port}`] : [`${name}:${port}`]));
}
