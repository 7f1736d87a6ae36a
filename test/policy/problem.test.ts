import { describe, expect, it } from "vitest";
import { formatProblem, type Problem, pointerOf, pointerSegments, redactProblem, worstCode } from "../../lib/policy/problem.js";

const problem: Problem = {
  severity: "error",
  rule: "bad-target",
  pointer: "/routes/vendor/target",
  message: "the target is wrong",
  cure: "Mend it.",
};

describe("a pointer", () => {
  it.each<[string, (string | number)[]]>([
    ["", []],
    ["/a/0", ["a", 0]],
    ["/a~1b/~0c/~01", ["a/b", "~c", "~1"]],
    ["/", [""]],
  ])("%j is made of and cut into its segments (RFC 6901)", (pointer, segments) => {
    expect(pointerOf(...segments)).toBe(pointer);
    expect(pointerSegments(pointer)).toEqual(segments.map(String));
  });
});

describe("formatProblem", () => {
  it("tells file, line and column, the rule, what was expected and found, and the cure", () => {
    expect(formatProblem({ ...problem, expected: "https", found: "ftp", position: { file: "policy.yaml", line: 3, column: 7 } })).toBe(
      [
        "policy.yaml:3:7: error [bad-target] the target is wrong",
        "  at /routes/vendor/target",
        "  expected: https",
        "  found: ftp",
        "  cure: Mend it.",
      ].join("\n"),
    );
  });

  it("tells the pointer where there is no text", () => {
    expect(formatProblem(problem)).toBe("/routes/vendor/target: error [bad-target] the target is wrong\n  cure: Mend it.");
    expect(formatProblem({ ...problem, pointer: "" })).toMatch(/^\/: error/);
  });
});

describe("redactProblem", () => {
  it("leaves no credential in any field, and the rest as it is", () => {
    const token = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";
    const position = { file: "policy.yaml", line: 3, column: 7 };
    expect(redactProblem({ ...problem, pointer: `/routes/${token}`, message: `\`${token}\` is wrong`, found: token, position })).toEqual({
      ...problem,
      pointer: "/routes/[redacted]",
      message: "`[redacted]` is wrong",
      found: "[redacted]",
      position,
    });
    expect(redactProblem(problem)).toEqual(problem);
  });
});

describe("worstCode", () => {
  it.each([
    [[], undefined],
    [["warning"], undefined],
    [["warning", "guardrail"], "POLICY_GUARDRAIL"],
    [["guardrail", "error", "warning"], "POLICY_INVALID"],
  ] as const)("of %j is %s", (severities, code) => {
    expect(worstCode(severities.map((severity) => ({ ...problem, severity })))).toBe(code);
  });
});
