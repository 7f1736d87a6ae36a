/**
 * How a benchmark measures: rounds that alternate between ours and its peers, so that a busy machine slows all sides
 * alike, and medians over them, so that one bad round counts for nothing.
 */

/** One measured round of one side, in the comparison's unit. */
export type Round = () => number | Promise<number>;

export interface Effort {
  readonly rounds: number;
  /** What every round's time is multiplied with: 1 measures, less only shows that all still runs. */
  readonly timeScale: number;
}

export const FULL: Effort = { rounds: 5, timeScale: 1 };
export const QUICK: Effort = { rounds: 1, timeScale: 0.1 };

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  /** Which value is the better one. */
  readonly better: "higher" | "lower";
  readonly ours: Round;
  /** By the name that the line gives; at least one. */
  readonly peers: Readonly<Record<string, Round>>;
  /** Rounds that come first and do not count. Default 1; 0 where every round is a process of its own. */
  readonly warmUps?: number;
}

export interface Line {
  readonly name: string;
  /** Ours: the median over the rounds. */
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  /** Above 1: ours is better. */
  readonly ratio: number;
}

/** One line for each peer. */
export async function compare({ name, unit, better, ours, peers, warmUps = 1 }: Comparison, { rounds }: Effort): Promise<Line[]> {
  const sides = Object.entries({ ours, ...peers }).map(([side, round]) => ({ side, round, values: [] as number[] }));
  for (let count = 1 - warmUps; count <= rounds; count++) {
    for (const { side, round, values } of sides) {
      const value = await round();
      process.stderr.write(`${name}: ${count < 1 ? "warm-up" : `round ${count} of ${rounds}`}, ${side}: ${rounded(value)} ${unit}\n`);
      if (count > 0) values.push(value);
    }
  }
  const [own, ...others] = sides.map(({ side, values }) => ({ side, value: median(values) }));
  return others.map(({ side, value }) => {
    const ratio = better === "higher" ? own!.value / value : value / own!.value;
    return { name, value: rounded(own!.value), unit, peer: side, ratio: rounded(ratio) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Four significant digits: more would be noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** Calls between two looks at the clock. */
const CALLS_A_LOOK = 100;

/** Repeats synchronous work for a time. @returns calls a second */
export function callsPerSecond(work: () => void, milliseconds: number): number {
  const startedAt = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    for (let call = 0; call < CALLS_A_LOOK; call++) work();
    calls += CALLS_A_LOOK;
    elapsedMs = performance.now() - startedAt;
  } while (elapsedMs < milliseconds);
  return (calls * 1000) / elapsedMs;
}
