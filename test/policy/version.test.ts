import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.js";
import { printPolicy } from "../../lib/policy/print.js";
import { canonicalPolicy, policyVersion } from "../../lib/policy/version.js";
import { type Bend, bent, samplePolicy, TODAY } from "./sample-policy.js";

const versionOfText = (text: string) => policyVersion(parsePolicy([{ text, file: "policy" }], { today: TODAY }).document!);

/** The same value with every map in reverse order. */
const reversed = (value: unknown): unknown =>
  typeof value !== "object" || value === null
    ? value
    : Array.isArray(value)
      ? value.map(reversed)
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, child]) => [key, reversed(child)]),
        );

describe("policyVersion", () => {
  const version = policyVersion(samplePolicy());

  it("is the SHA-256 of the canonical document", () => {
    expect(version).toBe(createHash("sha256").update(canonicalPolicy(samplePolicy())).digest("hex"));
    expect(version).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does not change with the order of the source", () => {
    const other = reversed(samplePolicy());
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(samplePolicy()));
    expect(policyVersion(other as ReturnType<typeof samplePolicy>)).toBe(version);
  });

  it.each([
    ["YAML", printPolicy(samplePolicy())],
    [
      "YAML with comments, quotes and CRLF",
      `# a door\r\n${printPolicy(samplePolicy()).replace("name: door", "\"name\":   'door' # its name").replaceAll("\n", "\r\n")}`,
    ],
    ["JSON on one line", JSON.stringify(samplePolicy())],
    ["indented JSON", JSON.stringify(samplePolicy(), null, 4)],
    ["canonical JSON", canonicalPolicy(samplePolicy())],
    ["a number written another way", JSON.stringify(samplePolicy()).replace('"maxAgeDays":90', '"maxAgeDays":9e1')],
  ])("does not change with formatting: %s", (_how, text) => {
    expect(versionOfText(text)).toBe(version);
  });

  it.each<[what: string, bend: Bend]>([
    ["a name", (policy) => Object.assign(policy, { name: "gate" })],
    ["a number", (policy) => Object.assign(policy.secrets["vendor-key"], { maxAgeDays: 91 })],
    ["a pattern", (policy) => Object.assign(policy.grants["vendor-charge"], { requests: ["POST /v1/charge"] })],
    ["an effect that was the default", (policy) => Object.assign(policy.grants["vendor-charge"], { effect: "allow" })],
    [
      "the order of a list",
      (policy) => Object.assign(policy.grants["vendor-charge"], { requests: ["POST /v1/charges", "GET /a"].reverse() }),
    ],
    ["one entry less", (policy) => delete policy.callers.batch],
  ])("changes with %s", (_what, bend) => {
    expect(policyVersion(bent(bend))).not.toBe(version);
  });
});
