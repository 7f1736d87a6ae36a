/**
 * Synthesizes `examples/payments`, serves that same policy in the local gateway in front of a demanding upstream, and
 * shows what passes and what is refused. Whatever comes out otherwise than promised, and any credential found in what
 * was printed or written, makes it fail.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keylessClient } from "./call.js";
import { credentialsOf, storeCredentials } from "./credentials.js";
import { demandingUpstream, HOST } from "./demanding-upstream.js";
import { startGatewayProcess } from "./gateway-process.js";
import { SCENES, type Stage } from "./scenes.js";
import { Script } from "./script.js";
import { searchFor } from "./search.js";
import { synthesize } from "./synthesis.js";

export interface TourOptions {
  /** Script and first arguments of the gateway's process: `sallyport serve`, or in tests one with a guard taken out. */
  readonly gateway: readonly string[];
  /** Where the synthesized stack goes. */
  readonly outdir: string;
  /** Keep gateway and upstream up until SIGINT. */
  readonly stay?: boolean;
  /** Where the story goes, line by line. Default: standard output. */
  readonly print?: (line: string) => void;
}

/** @returns whether everything came out as promised */
export async function tour({ gateway: command, outdir, stay = false, print = console.log }: TourOptions): Promise<boolean> {
  const script = new Script(print);
  const folder = await mkdtemp(join(tmpdir(), "sallyport-tour-"));
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const credentials = await credentialsOf(HOST);
    const upstream = await demandingUpstream(credentials);
    endings.push(() => upstream.close());

    script.chapter("1", "Typed constructs become the Terraform of a stack, and one policy document");
    const { policyFile, facts } = synthesize({ target: `https://${HOST}:${upstream.port}`, outdir });
    script.facts(facts);

    script.chapter("2", "The same policy runs in the local gateway");
    const store = await storeCredentials(credentials, folder);
    const gateway = await startGatewayProcess({ command, policyFile, store, folder, host: HOST, caFile: credentials.caFile(folder) });
    endings.push(() => gateway.stop());
    script.facts([
      ["gateway", gateway.url],
      ["upstream", `https://${HOST}:${upstream.port}, demands a client certificate, a bearer key and a signature`],
      ["callers hold", "a signing key of their own; no key of the upstream"],
    ]);

    script.chapter("3", "Calls");
    const stage: Stage = { client: keylessClient(gateway.url, credentials.callerKey), upstream, gateway };
    for (const scene of SCENES) script.scene(scene, await scene.play(stage));

    if (stay) await script.stay(gateway.url);
    await gateway.stop();
    script.chapter("4", "No credential is anywhere but at its upstream");
    const printed = { "the tour": script.text, "the gateway": gateway.output() };
    const found = await searchFor(credentials.secrets, { printed, folders: [folder, outdir] });
    script.verdict("printed lines, audit, claims, policy and Terraform searched in every rendered form", found);
    return script.finish();
  } finally {
    for (const end of endings.reverse()) await end().catch(() => {});
  }
}
