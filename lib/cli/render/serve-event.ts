import type { ServeEvent } from "../commands/serve.js";
import type { Paint } from "../paint.js";
import { faultText } from "./fault.js";

type Renderers = { readonly [Event in ServeEvent["event"]]: (event: Extract<ServeEvent, { event: Event }>, paint: Paint) => string };

const TEXTS: Renderers = {
  listening: ({ url, route }) => `listening on ${url}${route === null ? "" : ` for route \`${route}\``}`,
  metrics: ({ url }) => `metrics at ${url}`,
  ready: ({ policyVersion }, paint) => `${paint("green", "ready")}: policy version ${policyVersion}`,
  reload: (event, paint) =>
    event.result === "loaded"
      ? `policy reloaded: version ${event.policyVersion}`
      : `${paint("red", "policy not reloaded")}: version ${event.policyVersion} stays in force\n${faultText(event.fault, paint)}`,
  stopping: ({ signal }) => `${signal}: no new calls, waiting for those under way`,
  stopped: () => "stopped",
  warning: ({ message, cure }, paint) => `${paint("yellow", "WARNING")}: ${message}${cure === null ? "" : `\n  cure: ${cure}`}`,
};

export const serveEventText = (event: ServeEvent, paint: Paint): string =>
  (TEXTS[event.event] as (event: ServeEvent, paint: Paint) => string)(event, paint);
