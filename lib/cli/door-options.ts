/** The options of `sallyport serve` as those of a local door. */
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { type Listener, parseListener } from "../adapters/local/listener.js";
import type { LocalDoorOptions } from "../adapters/local/local-door.js";
import { defaultKeyPath } from "../adapters/local/secret-file.js";
import { parseAddress } from "../net/address.js";
import { type Cidr, explainCidr, parseCidr } from "../net/cidr.js";
import { isHostName } from "../policy/origin.js";
import { invalidInput } from "./invalid-input.js";
import type { Io } from "./io.js";
import { readInput, readPolicySources } from "./policy-sources.js";

export interface ServeOptions {
  readonly policy: string;
  readonly overlays: readonly string[];
  /** `[route=][host:]port` each; empty: {@link DEFAULT_LISTEN}. */
  readonly listen: readonly string[];
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly authorities: readonly string[];
  readonly state: string;
  readonly secrets?: string | undefined;
  /** The key that the secret store is sealed with. */
  readonly keyFile?: string | undefined;
  /** `[host:]port`. */
  readonly metrics?: string | undefined;
  /** `HOST=ADDRESS` each. */
  readonly resolve: readonly string[];
  readonly allowUpstreamCidrs: readonly string[];
  readonly drainSeconds: number;
}

export const DEFAULT_LISTEN = "127.0.0.1:8080";

/** @throws {INPUT_INVALID} for what cannot be read */
export async function doorOptions(options: ServeOptions, io: Io): Promise<LocalDoorOptions> {
  const { policy, overlays, secrets, keyFile = defaultKeyPath(io.env), metrics, state } = options;
  const listen = options.listen.length === 0 ? [DEFAULT_LISTEN] : options.listen;
  const tls = await readTls(options, io);
  return {
    readPolicy: () => readPolicySources([policy, ...overlays], io),
    listeners: listen.map(parseListener),
    authorities: options.authorities.map((authority) => authority.toLowerCase()),
    stateFolder: state,
    keyPath: keyFile,
    resolve: readFixedAddresses(options.resolve),
    allowUpstream: options.allowUpstreamCidrs.map(readCidr),
    clock: io.clock,
    random: io.random,
    ...(secrets !== undefined && { secretsPath: secrets }),
    ...(metrics !== undefined && { metricsListener: readMetricsListener(metrics) }),
    ...(tls !== undefined && { tls }),
  };
}

async function readTls({ tlsCert, tlsKey }: ServeOptions, io: Io): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw invalidInput("--tls-cert and --tls-key go together");
  const read = async (option: string, path: string): Promise<string> => Buffer.from(await readInput(path, io, option)).toString("utf8");
  const cert = await read("--tls-cert", tlsCert);
  const key = await read("--tls-key", tlsKey);
  mustBeUsable({ cert }, `--tls-cert ${tlsCert} is not a PEM certificate`);
  mustBeUsable({ key }, `--tls-key ${tlsKey} is not a PEM private key without a passphrase`);
  mustBeUsable({ cert, key }, `--tls-key ${tlsKey} is not the key of the certificate in --tls-cert ${tlsCert}`);
  return { cert, key };
}

function mustBeUsable(options: SecureContextOptions, otherwise: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw invalidInput(otherwise, {}, cause);
  }
}

function readMetricsListener(text: string): Listener {
  const listener = parseListener(text);
  if (listener.route !== undefined) throw invalidInput(`--metrics takes [address:]port, not \`${text}\``);
  return listener;
}

function readCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw invalidInput(`--allow-upstream-cidr: ${explainCidr(text)}`);
  return cidr;
}

function readFixedAddresses(texts: readonly string[]): Record<string, string[]> {
  const addresses = new Map<string, string[]>();
  for (const text of texts) {
    const [host = "", address = "", ...more] = text.toLowerCase().split("=");
    if (more.length > 0 || !isHostName(host) || parseAddress(address) === undefined) {
      throw invalidInput(`--resolve takes HOST=ADDRESS with an IPv4 or IPv6 address, not \`${text}\``);
    }
    addresses.set(host, [...(addresses.get(host) ?? []), address]);
  }
  return Object.fromEntries(addresses);
}
