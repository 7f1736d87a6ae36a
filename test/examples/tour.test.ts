import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tour } from "../../examples/tour/tour.js";
import { type Weakening, weakenedCommandLine } from "../fakes/weakened.js";

const TOUR_MS = 120_000;
const STAGES = "lib/pipeline/stages";
const BEARER = "lib/injection/bearer.ts";

/** Each guard taken out, and the scene that then comes out otherwise. */
const WEAKENED: Readonly<Record<string, Weakening & { readonly scene: string }>> = {
  "the single-use claim": {
    file: `${STAGES}/commit.ts`,
    contents: "export const commit = ({ requestId }) => ({ claim: requestId });",
    scene: "The same bytes again",
  },
  "the signature's verification": {
    file: `${STAGES}/authenticate.ts`,
    contents: `export const PROOF_HEADERS = ["authorization", "x-signature", "x-timestamp", "x-nonce", "x-key-id"];
      export const authenticate = ({ headers, now }) => {
        const claim = headers.find(([name]) => name.toLowerCase() === "x-nonce")[1];
        return { caller: "payments", proof: { kind: "hmac", once: { claim, expiresAtMs: now + 300_000 } } };
      };`,
    scene: "A body changed after signing",
  },
  "the grants": {
    file: `${STAGES}/authorize.ts`,
    contents: `import { deny } from "../../errors.js";
      import { forwardableHeaders } from "../../http/headers.js";
      import { PROOF_HEADERS } from "./authenticate.js";
      export const authorize = ({ headers, route, sourceIp }) => route.from({ source: sourceIp })
        ? { rule: "any", callerHeaders: forwardableHeaders(headers, new Set(PROOF_HEADERS)) } : deny("SOURCE_NOT_ALLOWED");`,
    scene: "A path outside the grant",
  },
  "the source address": {
    file: `${STAGES}/source.ts`,
    contents: `import { parseAddress } from "../../net/address.js";
      export const source = () => ({ sourceIp: parseAddress("127.0.0.1"), sourceText: "127.0.0.1" });`,
    scene: "A call from another address",
  },
  scrubbing: {
    file: "lib/scrubbing/scrubber.ts",
    contents: `export const scrubList = () => ({ byFirstByte: [] });
      export const scrubText = (_, text) => ({ text, hits: 0 });
      export class Scrubber { hits = 0; write(chunk) { return chunk; } end() { return new Uint8Array(0); } }`,
    scene: "An upstream that echoes the key",
  },
  "the injected key": {
    file: BEARER,
    contents: `export const bearer = () => ({ header: "authorization", value: "Bearer none" });`,
    scene: "A keyless call",
  },
  "the client certificate": {
    file: `${STAGES}/connect.ts`,
    contents: `export const connect = ({ route: { origin } }) => ({ destination: { ...origin, address: "127.0.0.1", clientCertificate: undefined } });`,
    scene: "A keyless call",
  },
  "the outbound signature": {
    file: "lib/pipeline/profiles.ts",
    contents: `import { hmacProfile } from "../signing/hmac.js";
      export const STRANGER = hmacProfile({ name: "caller", form: "strict" });
      export const compileProfiles = () => ({
        inbound: new Map([["payments", STRANGER]]),
        outbound: new Map([["acquirer-signing", { profile: { sign: () => [] }, keyId: "none", secret: "acquirer-signing-key" }]]),
      });`,
    scene: "A keyless call",
  },
};

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) console.warn("curl is not installed: the command that `npm start -- --stay` shows is not tried");

const folders: string[] = [];
const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals) remove();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryOutdir(): string {
  const outdir = mkdtempSync(join(tmpdir(), "sallyport-tour-test-"));
  folders.push(outdir);
  return outdir;
}

async function tourWith(gateway: readonly string[]): Promise<{ passed: boolean; text: string }> {
  const outdir = temporaryOutdir();
  const lines: string[] = [];
  const passed = await tour({ gateway, outdir, print: (line) => lines.push(line) });
  return { passed, text: lines.join("\n") };
}

const untouched: Weakening = { file: BEARER, contents: readFileSync(BEARER, "utf8") };

describe("the tour", () => {
  it("passes with the product as it is, and tells of every scene", { timeout: TOUR_MS }, async () => {
    const script = await weakenedCommandLine("whole", untouched, (remove) => removals.push(remove));
    const { passed, text } = await tourWith([script, "serve"]);
    expect(text).toContain("All came out as promised.");
    expect(text.match(/✓/g)).toHaveLength(7);
    expect(passed).toBe(true);
  });

  it.runIf(hasCurl)("stays when it is told to, and shows a command that works from another terminal", { timeout: TOUR_MS }, async () => {
    const script = await weakenedCommandLine("staying", untouched, (remove) => removals.push(remove));
    const lines: string[] = [];
    let answer = "";
    const passed = await tour({
      gateway: [script, "serve"],
      outdir: temporaryOutdir(),
      stay: true,
      print(line) {
        lines.push(line);
        if (!line.startsWith("   curl ")) return;
        execFile("sh", ["-c", line], (_, stdout) => {
          answer = stdout;
          process.emit("SIGINT");
        });
      },
    });
    expect(lines.join("\n")).toContain("press Ctrl-C to end");
    expect(answer).toContain('"ok":true');
    expect(passed).toBe(true);
  });

  it("refuses an argument that it does not know", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/examples/tour/main.js", "--bogus"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Unknown option '--bogus'");
    expect(stderr).toContain("Usage: npm start");
  });

  it.each(Object.entries(WEAKENED))("fails without %s", { timeout: TOUR_MS }, async (guard, { scene, ...weakening }) => {
    const script = await weakenedCommandLine(guard.replaceAll(/[^a-z]/g, "-"), weakening, (remove) => removals.push(remove));
    const { passed, text } = await tourWith([script, "serve"]);
    expect(passed).toBe(false);
    expect(text).toContain(`✗ ${scene}`);
    expect(text).toContain("otherwise than promised");
  });

  it("fails when the gateway prints a credential, in whatever encoding", { timeout: TOUR_MS }, async () => {
    const leaking: Weakening = {
      file: BEARER,
      contents: `export const bearer = (_, secret) => {
        console.error("debug: " + Buffer.from("key=" + secret.revealText()).toString("base64"));
        return { header: "authorization", value: "Bearer " + secret.revealText() };
      };`,
    };
    const script = await weakenedCommandLine("leaking", leaking, (remove) => removals.push(remove));
    const { passed, text } = await tourWith([script, "serve"]);
    expect(passed).toBe(false);
    expect(text).toContain("found in what the gateway printed");
  });
});
