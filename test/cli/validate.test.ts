import { describe, expect, test } from "vitest";
import { runCli } from "./fake-io.js";
import { changed, POLICY } from "./policies.js";

const validate = (policy: string | Uint8Array, ...words: string[]) =>
  runCli(["validate", "policy.yaml", ...words], { files: { "policy.yaml": policy } });

describe("validate", () => {
  test("prints version, counts and tests of a valid policy and exits with 0", async () => {
    const { exitCode, out, err } = await validate(POLICY);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toMatch(/^valid\n {2}policy door \(dev\), version [0-9a-f]{64}\n/);
    expect(out).toContain("secrets: 2, ipPolicies: 1, callers: 2, routes: 1, grants: 4, tests: 1\n  tests passed: 1 of 1\n");
  });

  test("tells every problem at once, each with its place, what was expected and found, and its cure, and exits with 2", async () => {
    const broken = changed("owner: team", "owner: 7", changed("  vpc: { allow:", "  vpc: { alow:"));
    const { exitCode, out, err } = await validate(broken);
    expect([exitCode, err]).toEqual([2, ""]);
    expect(out).toContain("policy.yaml:8:10: error [unknown-field] unknown field `alow`\n  at /ipPolicies/vpc/alow\n");
    expect(out).toContain("  cure: Write `allow`, or remove it.\n");
    expect(out).toContain("policy.yaml:13:13: error [wrong-type]");
    expect(out).toContain("  found: 7\n");
    expect(out).toMatch(/not valid: 2 errors\n$/);
  });

  test("a part that is not enforced yet is a warning: exit 0", async () => {
    const { exitCode, out } = await validate(changed("when: { from: vpc } }", "when: { from: vpc, risk: { below: 60 } } }"));
    expect(exitCode).toBe(0);
    expect(out).toContain("warning [not-enforced] `risk` is not enforced by this version");
    expect(out).toContain("valid: 1 warning\n");
  });

  test("a guardrail exits with 4, unless an error stands beside it", async () => {
    const unsafe = changed("https://api", "http://api");
    expect(await validate(unsafe)).toMatchObject({ exitCode: 4, out: expect.stringContaining("guardrail [cleartext-target]") });
    expect(
      await validate(
        changed("caller: payments, route: vendor, requests: [POST /**]", "caller: nobody, route: vendor, requests: [POST /**]", unsafe),
      ),
    ).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining("1 error, 1 guardrail"),
    });
  });

  test("a failed test of the policy exits with 4 and says where it stands and which rule decided", async () => {
    const { exitCode, out } = await validate(changed("expect: allow", "expect: deny"));
    expect(exitCode).toBe(4);
    expect(out).toContain("policy.yaml:20:3: test `charge` failed\n  expected: deny\n  found: allow by `all-posts` (granted)\n");
    expect(out).toContain("not valid: 1 failed test\n");
  });

  test("--json is one line with every problem, and pipes", async () => {
    const { out } = await validate(changed("expect: allow", "expect: deny"), "--json");
    expect(out.trimEnd()).not.toContain("\n");
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      name: "door",
      policyVersion: expect.stringMatching(/^[0-9a-f]{64}$/),
      counts: { grants: 4, routes: 1 },
      problems: [],
      tests: [{ name: "charge", passed: false, expected: "deny", position: { file: "policy.yaml", line: 20, column: 3 } }],
    });
  });

  test("reads standard input for -", async () => {
    expect(await runCli(["validate", "-"], { stdin: POLICY })).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^valid\n/) });
    expect(await runCli(["validate", "-"], { stdin: "version: 2" })).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining("<stdin>:1:1: error"),
    });
    expect(await runCli(["validate", "-", "--overlay", "-"], { stdin: POLICY })).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("standard input (`-`) can be read once only (INPUT_INVALID)"),
    });
  });

  test("an overlay replaces entries, and problems in them carry its name", async () => {
    const overlay = "routes:\n  vendor: { owner: team, target: http://localhost.example }\n";
    const words = ["validate", "policy.yaml", "--overlay", "laptop.yaml"];
    const { exitCode, out } = await runCli(words, { files: { "policy.yaml": POLICY, "laptop.yaml": overlay } });
    expect(exitCode).toBe(4);
    expect(out).toMatch(/^laptop\.yaml:2:\d+: guardrail \[cleartext-target\]/);
  });

  test("refuses text that is not UTF-8, at its line", async () => {
    const bytes = Buffer.concat([Buffer.from("version: 1\nname: "), Buffer.from([0xc0, 0xaf])]);
    const { exitCode, out, err } = await validate(bytes);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain("error: policy.yaml:2:1: the text is not UTF-8 (POLICY_SYNTAX)\n  cure: ");
  });

  test("a file that is not there exits with 2 and says so", async () => {
    expect(await runCli(["validate", "nope.yaml"])).toEqual({
      exitCode: 2,
      out: "",
      err: "error: cannot read nope.yaml: there is no such file (INPUT_INVALID)\n  cure: Correct the argument or file named.\n",
      questions: [],
    });
  });
});
