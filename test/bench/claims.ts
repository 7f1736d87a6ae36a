/** What live claims cost in memory, each round in a process of its own. Its peer is the goal. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { compare, type Effort, type Line } from "./measure.js";

const CLAIMS = 1_000_000;
/** 150 MB. */
const GOAL_MIB = 150_000_000 / 2 ** 20;

const residentMiB = (): number =>
  Number(execFileSync(process.execPath, ["--expose-gc", join(__dirname, "resident-claims.js"), String(CLAIMS)], { encoding: "utf8" }));

export const claimsResident = (effort: Effort): Promise<Line[]> =>
  compare(
    { name: "claims resident", unit: "MiB", better: "lower", warmUps: 0, ours: residentMiB, peers: { "150 MB, the goal": () => GOAL_MIB } },
    effort,
  );
