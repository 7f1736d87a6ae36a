/** The mechanism alone: stages in order, each on what the earlier ones established; a denial or a fault ends the run. */
import { describe, expect, it } from "vitest";
import { deny, SallyportError } from "../../lib/errors.js";
import type { Door } from "../../lib/pipeline/door.js";
import { denialOf, Pipeline } from "../../lib/pipeline/stage.js";

const door = {} as Door;

function one({ start }: { start: number }) {
  return { one: start + 1 };
}
async function two({ one }: { one: number }) {
  return { two: one + 1 };
}
function refuses() {
  return deny("NOT_GRANTED", { by: "refuses" });
}
function throws(): { never: true } {
  throw new SallyportError("DNS_FAILED", { host: "a" }, { cause: new Error("no such name") });
}
async function rejects(): Promise<{ never: true }> {
  throw new TypeError("a fault nobody thought of");
}

const start = Pipeline.start<{ start: number }>();

describe("Pipeline", () => {
  it("hands each stage what the earlier ones established", async () => {
    expect(await start.add(one).add(two).run({ start: 1 }, door)).toEqual({ known: { start: 1, one: 2, two: 3 }, denial: undefined });
  });

  it("leaves what it was given as it was", async () => {
    const given = { start: 1 };
    await start.add(one).run(given, door);
    expect(given).toEqual({ start: 1 });
  });

  it("stops at a denial, and keeps what is known", async () => {
    const run = await start.add(one).add(refuses).add(two).run({ start: 1 }, door);
    expect(run).toEqual({ known: { start: 1, one: 2 }, denial: { denied: "NOT_GRANTED", details: { by: "refuses" } } });
  });

  it.each([throws, rejects])("denies when a stage $name", async (stage) => {
    const { known, denial } = await start.add(one).add(stage).add(two).run({ start: 1 }, door);
    expect(known).toEqual({ start: 1, one: 2 });
    expect(denial?.denied).toBe(stage === throws ? "DNS_FAILED" : "INTERNAL");
  });

  it("is another pipeline without a stage", () => {
    const whole = start.add(one).add(two);
    expect(whole.without("one").stages.map(({ name }) => name)).toEqual(["two"]);
    expect(whole.stages).toHaveLength(2);
  });
});

describe("denialOf", () => {
  it("keeps code, details and cause of a fault of ours", () => {
    const fault = new SallyportError("DNS_FAILED", { host: "a" }, { cause: new Error("no such name") });
    expect(denialOf(fault)).toEqual(deny("DNS_FAILED", { host: "a", cause: "Error: no such name" }));
  });

  it("makes anything else INTERNAL", () => {
    expect(denialOf(new TypeError("oops"))).toEqual(deny("INTERNAL", { cause: "TypeError: oops" }));
    expect(denialOf("a text")).toEqual(deny("INTERNAL"));
  });
});
