import Ajv2020 from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { redactQuery } from "../../lib/audit/redact-query.js";
import { ERROR_CODES } from "../../lib/errors.js";
import schema from "../../schemas/audit-event.schema.json";
import { chainLines, outcome, sampleEvents, started } from "./events.js";

const validate = new Ajv2020({ discriminator: true, strict: true, strictRequired: false, allErrors: true }).compile(schema);
const [line] = chainLines([outcome]);
const [lifecycleLine] = chainLines([started]);
const problems = (value: unknown) =>
  validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
const changed = (change: Readonly<Record<string, unknown>>) => problems({ ...JSON.parse(line!), ...change });

describe("schemas/audit-event.schema.json", () => {
  it("accepts every kind of line that is written", () => {
    for (const written of chainLines(sampleEvents)) expect(problems(JSON.parse(written))).toEqual([]);
  });

  it("knows every member of an event", () => {
    expect(Object.keys(schema.$defs.requestEvent.properties).sort()).toEqual([...Object.keys(JSON.parse(line!)), "details"].sort());
    expect(Object.keys(schema.$defs.lifecycleEvent.properties).sort()).toEqual(
      [...Object.keys(JSON.parse(lifecycleLine!)), "details"].sort(),
    );
  });

  it("accepts every error code as the reason", () => {
    for (const reason of Object.keys(ERROR_CODES)) expect(changed({ reason })).toEqual([]);
  });

  it("accepts whatever redactQuery writes", () => {
    for (const query of ["a=1", "a=1&b", "", "a=b=c&=&&x"]) expect(changed({ query: redactQuery(query) })).toEqual([]);
  });

  // biome-ignore format: a table
  it.each([
    ["an unknown member", { secret: "x" }, " must NOT have additional properties"],
    ["a query with a value", { query: "a=1" }, "/query must match pattern"],
    ["a query with a bare text", { query: "a=[redacted]&sk_live" }, "/query must match pattern"],
    ["a credential with a value", { credentials: [{ name: "a", version: "v1", value: "x" }] }, "/credentials/0 must NOT have additional properties"],
    ["an upstream without a port", { upstream: { host: "a" } }, "/upstream must have required property 'port'"],
    ["an unknown kind", { kind: "note" }, ' value of tag "kind" must be in oneOf'],
    ["an unknown decision", { decision: "maybe" }, "/decision must be equal to one of the allowed values"],
    ["a sentence as the reason", { reason: "because" }, "/reason must match pattern"],
    ["a time without milliseconds", { time: "2026-01-02T03:04:05Z" }, "/time must match pattern"],
    ["a time with an offset", { time: "2026-01-02T03:04:05.000+01:00" }, "/time must match pattern"],
    ["a seq of 0", { seq: 0 }, "/seq must be >= 1"],
    ["a short hash", { hash: "ab" }, "/hash must match pattern"],
    ["a host name as the source", { source: "host.example" }, "/source must match pattern"],
    ["half a byte", { requestBytes: 0.5 }, "/requestBytes must be integer"],
    ["a status of 0", { status: 0 }, "/status must be >= 100"],
  ])("refuses %s", (_, change, problem) => {
    expect(changed(change)).toContainEqual(expect.stringContaining(problem));
  });

  it.each(["time", "requestId", "decision", "reason", "seq", "prev", "hash"])("refuses a request's line without %s", (name) => {
    const { [name]: _, ...rest } = JSON.parse(line!);
    expect(problems(rest)).toEqual([` must have required property '${name}'`]);
  });

  it("refuses a lifecycle line with an unknown action or a request's member", () => {
    const lifecycle = JSON.parse(lifecycleLine!);
    expect(problems({ ...lifecycle, action: "paused" })).toEqual(["/action must be equal to one of the allowed values"]);
    expect(problems({ ...lifecycle, caller: "x" })).toEqual([" must NOT have additional properties"]);
  });
});
