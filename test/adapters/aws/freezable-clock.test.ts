import { expect, it } from "vitest";
import { freezableClock } from "../../../lib/adapters/aws/freezable-clock.js";
import { manualClock } from "../../fakes/memory-ports.js";

const NOW = Date.UTC(2026, 0, 2);
const HOUR_MS = 3_600_000;

it("is the machine's clock while nothing is frozen", () => {
  const machine = manualClock(NOW);
  const clock = freezableClock(machine);
  machine.advance(1_500);
  expect(clock.catchUp()).toBe(1_500);
  expect([clock.now(), clock.monotonic()]).toEqual([NOW + 1_500, 1_500]);
});

it("counts the time that a frozen process missed", () => {
  const machine = manualClock(NOW);
  const clock = freezableClock(machine);
  machine.advance(100);
  machine.jump(HOUR_MS); // The wall clock went on, the process did not.
  expect(clock.monotonic()).toBe(100);
  expect(clock.catchUp()).toBe(HOUR_MS + 100);
  expect(clock.monotonic()).toBe(HOUR_MS + 100);
  machine.advance(50);
  expect(clock.catchUp()).toBe(50);
  expect(clock.monotonic()).toBe(HOUR_MS + 150);
});

it("never runs back, and makes up for nothing, when the wall clock is set back", () => {
  const machine = manualClock(NOW);
  const clock = freezableClock(machine);
  machine.advance(1_000);
  machine.jump(-HOUR_MS);
  expect(clock.catchUp()).toBe(1_000);
  expect(clock.monotonic()).toBe(1_000);
});
