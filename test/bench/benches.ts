/** Every benchmark by its name, in the order in which they run. The names are fixed: results are compared over versions. */
import { commitLmdb, commitMemory } from "./commit.js";
import { decision } from "./decision.js";
import { gateway } from "./gateway.js";
import { hmacSign, hmacVerify } from "./hmac.js";
import type { Effort, Line } from "./measure.js";
import { synth100, synth1000 } from "./synth.js";

export const BENCHES: Readonly<Record<string, (effort: Effort) => Promise<Line[]>>> = {
  "hmac sign": hmacSign,
  "hmac verify": hmacVerify,
  decision,
  "synth 100": synth100,
  "synth 1000": synth1000,
  "commit memory": commitMemory,
  "commit lmdb": commitLmdb,
  gateway,
};
