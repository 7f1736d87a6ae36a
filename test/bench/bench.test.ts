import { beforeEach, describe, expect, test, vi } from "vitest";
import { BENCHES } from "./benches.js";
import { type Comparison, callsPerSecond, compare, median, QUICK } from "./measure.js";

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  return () => vi.restoreAllMocks();
});

/** A side whose rounds give these values in turn, and that writes down when it ran. */
const side = (name: string, ran: string[], ...values: number[]) => {
  let round = 0;
  return () => {
    ran.push(name);
    return values[round++ % values.length]!;
  };
};

const comparison = (fields: Partial<Comparison>): Comparison => ({
  name: "example",
  unit: "calls/s",
  better: "higher",
  ours: () => 1,
  peers: { peer: () => 1 },
  ...fields,
});

describe("median", () => {
  test.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])("of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test("leaves the values in their order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("compare", () => {
  test("alternates between ours and the peers in every round", async () => {
    const ran: string[] = [];
    const peers = { first: side("first", ran, 1), second: side("second", ran, 1) };
    await compare(comparison({ ours: side("ours", ran, 1), peers }), { rounds: 2, timeScale: 1 });
    expect(ran).toEqual(Array(3).fill(["ours", "first", "second"]).flat());
  });

  test("does not count the warm-up rounds", async () => {
    const ours = side("ours", [], 1000, 1000, 4);
    const [line] = await compare(comparison({ ours, warmUps: 2 }), { rounds: 1, timeScale: 1 });
    expect(line!.value).toBe(4);
  });

  test("counts the first round where there is no warm-up", async () => {
    const ran: string[] = [];
    const [line] = await compare(comparison({ ours: side("ours", ran, 1000, 4), warmUps: 0 }), { rounds: 1, timeScale: 1 });
    expect([line!.value, ran.length]).toEqual([1000, 1]);
  });

  test("takes the median of each side, not its mean or best", async () => {
    const ours = side("ours", [], 0, 30, 10, 1000);
    const peer = side("peer", [], 0, 15, 1, 20);
    expect(await compare(comparison({ ours, peers: { peer } }), { rounds: 3, timeScale: 1 })).toEqual([
      { name: "example", value: 30, unit: "calls/s", peer: "peer", ratio: 2 },
    ]);
  });

  test("gives one line a peer, in their order", async () => {
    const lines = await compare(comparison({ ours: () => 6, peers: { slow: () => 3, fast: () => 12 } }), { rounds: 1, timeScale: 1 });
    expect(lines.map(({ peer, ratio }) => [peer, ratio])).toEqual([
      ["slow", 2],
      ["fast", 0.5],
    ]);
  });

  test("says above 1 when ours is better, also where less is better", async () => {
    const [line] = await compare(comparison({ better: "lower", ours: () => 2, peers: { peer: () => 8 } }), { rounds: 1, timeScale: 1 });
    expect(line!.ratio).toBe(4);
  });

  test("rounds to four significant digits", async () => {
    const [line] = await compare(comparison({ ours: () => 123_456.7, peers: { peer: () => 3 } }), { rounds: 1, timeScale: 1 });
    expect(line).toMatchObject({ value: 123_500, ratio: 41_150 });
  });

  test("fails when a round fails", async () => {
    const ours = () => Promise.reject(new Error("an unexpected answer"));
    await expect(compare(comparison({ ours }), { rounds: 1, timeScale: 1 })).rejects.toThrow("an unexpected answer");
  });
});

describe("callsPerSecond", () => {
  test("counts every call by the time they took together", () => {
    let calls = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => calls * 2);
    expect(callsPerSecond(() => calls++, 1000)).toBe(500);
    expect(calls).toBe(500);
    clock.mockRestore();
  });
});

describe("the benchmarks", () => {
  test("have the names that results are compared by", () => {
    expect(Object.keys(BENCHES)).toEqual([
      "hmac sign",
      "hmac verify",
      "sigv4 sign",
      "rfc9421 verify",
      "decision",
      "synth 100",
      "synth 1000",
      "commit memory",
      "commit lmdb",
      "claims resident",
      "gateway",
      "module load",
      "process start",
      "first answer",
      "warm handler",
      "bundle size",
    ]);
  });

  test.each(["hmac sign", "hmac verify", "sigv4 sign", "rfc9421 verify", "decision", "commit memory", "commit lmdb", "warm handler"])(
    "%s runs and gives a line of the fixed shape",
    async (name) => {
      const lines = await BENCHES[name]!(QUICK);
      expect(lines).toEqual([
        {
          name,
          value: expect.any(Number),
          unit: expect.stringMatching(/^(calls\/s|commits\/s|µs)$/),
          peer: expect.any(String),
          ratio: expect.any(Number),
        },
      ]);
      for (const { value, ratio } of lines) expect(value > 0 && ratio > 0 && Number.isFinite(ratio)).toBe(true);
    },
  );
});
