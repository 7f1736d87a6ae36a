/**
 * A clock for a process that the platform freezes between calls. While it is frozen the monotonic clock may stand still,
 * and what was cached would look fresh for ever; so each call begins with setting it forward by what the wall clock says
 * was missed. A wall clock that jumps ahead only makes things expire early. (Faults 8, 11)
 */
import type { Clock } from "../../ports.js";

export interface FreezableClock extends Clock {
  /** Between calls. @returns milliseconds since it was last called, as the faster of the two clocks saw them */
  catchUp(): number;
}

/** @param system the clocks of this machine */
export function freezableClock(system: Clock): FreezableClock {
  let missedMs = 0;
  let wallMs = system.now();
  let monotonicMs = system.monotonic();
  return {
    now: () => system.now(),
    monotonic: () => system.monotonic() + missedMs,
    catchUp() {
      const wallElapsedMs = system.now() - wallMs;
      const elapsedMs = system.monotonic() - monotonicMs;
      wallMs += wallElapsedMs;
      monotonicMs += elapsedMs;
      missedMs += Math.max(wallElapsedMs - elapsedMs, 0);
      return Math.max(wallElapsedMs, elapsedMs);
    },
  };
}
