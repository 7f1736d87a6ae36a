/**
 * `sallyport serve`: a door on this machine until a signal ends it. SIGTERM and SIGINT drain, a second one kills; SIGHUP
 * reloads the policy, and one that does not load leaves the last good one in force (THREATS, fault 15).
 */
import type { Listener } from "../../adapters/local/listener.js";
import { type DoorGaps, type LocalDoor, openLocalDoor } from "../../adapters/local/local-door.js";
import type { CommandResult } from "../command-result.js";
import { doorOptions, type ServeOptions } from "../door-options.js";
import { EXIT } from "../exit-code.js";
import { type FaultReport, faultReport } from "../fault-report.js";
import type { Io, StopSignal } from "../io.js";

export interface ServeWarning {
  readonly event: "warning";
  readonly warning: "upstream-network" | "fixed-address" | "unverifiable-caller" | "missing-secret" | "secret-store";
  readonly message: string;
  readonly cure: string | null;
}

export type ServeEvent =
  | { readonly event: "listening"; readonly url: string; readonly route: string | null }
  | { readonly event: "metrics"; readonly url: string }
  | { readonly event: "ready"; readonly policyVersion: string }
  | { readonly event: "reload"; readonly result: "loaded"; readonly policyVersion: string }
  | { readonly event: "reload"; readonly result: "refused"; readonly policyVersion: string; readonly fault: FaultReport }
  | { readonly event: "stopping"; readonly signal: StopSignal }
  | { readonly event: "stopped" }
  | ServeWarning;

type Tell = (event: ServeEvent) => void;

/** @param tell is given each event as it happens; the last one is the result */
export async function serve(options: ServeOptions, io: Io, tell: Tell): Promise<CommandResult<"serve-event", ServeEvent>> {
  const door = await openLocalDoor(await doorOptions(options, io));
  const stopped = nextStopSignal(io);
  const stopReloading = io.onSignal("SIGHUP", () => void reload(door, options, tell));

  const scheme = options.tlsCert === undefined ? "http" : "https";
  for (const warning of [...standingWarnings(options), ...(await gapWarnings(door, options))]) tell(warning);
  for (const listener of door.gateway.listening) tell({ event: "listening", url: urlOf(scheme, listener), route: listener.route ?? null });
  if (door.metricsListening !== undefined) tell({ event: "metrics", url: `${urlOf("http", door.metricsListening)}/metrics` });
  tell({ event: "ready", policyVersion: door.gateway.door.current.policy.version });

  tell({ event: "stopping", signal: await stopped });
  stopReloading();
  await door.close(options.drainSeconds * 1000);
  return { exitCode: EXIT.ok, kind: "serve-event", data: { event: "stopped" } };
}

function nextStopSignal(io: Io): Promise<StopSignal> {
  return new Promise((resolve) => {
    const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) =>
      io.onSignal(signal, () => {
        for (const stopListening of listeners) stopListening();
        resolve(signal);
      }),
    );
  });
}

async function reload(door: LocalDoor, options: ServeOptions, tell: Tell): Promise<void> {
  const reloaded = await door.reload();
  if (reloaded.result === "refused") {
    const { error, ...refused } = reloaded;
    return tell({ event: "reload", ...refused, fault: faultReport(error) });
  }
  tell({ event: "reload", ...reloaded });
  for (const warning of await gapWarnings(door, options)) tell(warning);
}

const urlOf = (scheme: string, { host, port }: Listener): string => `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** What weakens the door for as long as it runs is said at each start. */
const standingWarnings = ({ allowUpstreamCidrs, resolve }: ServeOptions): ServeWarning[] => [
  ...allowUpstreamCidrs.map((cidr): ServeWarning => {
    const message = `upstreams may be in ${cidr}, public or not`;
    return { event: "warning", warning: "upstream-network", message, cure: `Start without --allow-upstream-cidr ${cidr} where you can.` };
  }),
  ...resolve.map((fixed): ServeWarning => {
    const message = `the resolver is not asked for ${fixed.replace("=", ": it is dialled at ")}`;
    return { event: "warning", warning: "fixed-address", message, cure: `Start without --resolve ${fixed} where you can.` };
  }),
];

/** A store that became unusable is told of, and does not end a gateway that runs. */
const gapWarnings = (door: LocalDoor, options: ServeOptions): Promise<ServeWarning[]> =>
  door.gaps().then(
    (gaps) => warningsOf(gaps, options),
    (fault: unknown) => {
      const { message, cure } = faultReport(fault);
      return [{ event: "warning", warning: "secret-store", message, cure }];
    },
  );

function warningsOf({ unverifiableCallers, missingSecrets }: DoorGaps, { state, secrets, keyFile }: ServeOptions): ServeWarning[] {
  const storeOptions = [`--secrets ${secrets ?? `${state}/secrets.json`}`, ...(keyFile === undefined ? [] : [`--key-file ${keyFile}`])];
  return [
    ...unverifiableCallers.map(({ name, kind }): ServeWarning => {
      const message = `the caller \`${name}\` is of kind ${kind}, which this gateway cannot verify: it never authenticates here`;
      return { event: "warning", warning: "unverifiable-caller", message, cure: "Use a caller of kind hmac or bearer-token here." };
    }),
    ...missingSecrets.map((name): ServeWarning => {
      const message = `the secret \`${name}\` has no value: calls that need it are refused`;
      return { event: "warning", warning: "missing-secret", message, cure: `sallyport secrets set ${name} ${storeOptions.join(" ")}` };
    }),
  ];
}
