/** Every benchmark by its name, in the order in which they run. The names are fixed: results are compared over versions. */
import { claimsResident } from "./claims.js";
import { commitLmdb, commitMemory } from "./commit.js";
import { decision } from "./decision.js";
import { gateway } from "./gateway.js";
import { hmacSign, hmacVerify } from "./hmac.js";
import { bundleSize, firstAnswer, moduleLoad, processStart } from "./lambda.js";
import type { Effort, Line } from "./measure.js";
import { rfc9421Verify } from "./rfc9421.js";
import { sigv4Sign } from "./sigv4.js";
import { synth100, synth1000 } from "./synth.js";
import { warmHandler } from "./warm-handler.js";

export const BENCHES: Readonly<Record<string, (effort: Effort) => Promise<Line[]>>> = {
  "hmac sign": hmacSign,
  "hmac verify": hmacVerify,
  "sigv4 sign": sigv4Sign,
  "rfc9421 verify": rfc9421Verify,
  decision,
  "synth 100": synth100,
  "synth 1000": synth1000,
  "commit memory": commitMemory,
  "commit lmdb": commitLmdb,
  "claims resident": claimsResident,
  gateway,
  "module load": moduleLoad,
  "process start": processStart,
  "first answer": firstAnswer,
  "warm handler": warmHandler,
  "bundle size": bundleSize,
};
