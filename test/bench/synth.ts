/** Synthesis of a door with many routes, each round in a process of its own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, type Effort, type Line, type Round } from "./measure.js";

/** Gives `work` a round by what is synthesized: `door`, or `bare` with the resources that the last door left. */
async function withSynthesis(work: (round: (what: "door" | "bare", routes: number) => Round) => Promise<Line[]>): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const round = (what: string, routes: number): Round => {
    const script = join(__dirname, `synth-${what}.js`);
    return () => Number(execFileSync(process.execPath, [script, folder, String(routes)], { timeout: 60_000, encoding: "utf8" }));
  };
  try {
    return await work(round);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const UNITS = { unit: "ms", better: "lower", warmUps: 0 } as const;

export const synth100 = (effort: Effort): Promise<Line[]> =>
  withSynthesis((round) =>
    compare(
      { ...UNITS, name: "synth 100", ours: round("door", 100), peers: { "bare cdktf, the same resources": round("bare", 100) } },
      effort,
    ),
  );

/** Its peer is linear growth. */
export const synth1000 = (effort: Effort): Promise<Line[]> =>
  withSynthesis((round) => {
    const hundred = round("door", 100);
    const tenfold = async (): Promise<number> => 10 * (await hundred());
    return compare({ ...UNITS, name: "synth 1000", ours: round("door", 1000), peers: { "10 × synth 100": tenfold } }, effort);
  });
