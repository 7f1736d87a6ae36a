import { expect, test } from "vitest";
import { runCli } from "./fake-io.js";
import { changed, POLICY } from "./policies.js";

const explain = (request: string, words: readonly string[] = [], policy = POLICY) =>
  runCli(["explain", "policy.yaml", "--caller", "payments", "--route", "vendor", "--request", request, ...words], {
    files: { "policy.yaml": policy },
  });

test("says allow with rule, place and every condition, and exits with 0", async () => {
  const { exitCode, out, err } = await explain("POST /charges", ["--from", "10.1.2.3", "--header", "Idempotency-Key"]);
  expect([exitCode, err]).toEqual([0, ""]);
  expect(out).toMatch(
    /^allow: `POST \/charges` by caller `payments` on route `vendor`\n {2}reason: granted\n {2}rule: all-posts at policy\.yaml:18:3\n/,
  );
  expect(out).toContain("  allow charge at policy.yaml:15:3\n    + from holds\n    + requireHeaders holds\n");
  expect(out).not.toContain("would have to");
});

test("says deny with what does not hold, what is unknown, and what would change it, and exits with 0", async () => {
  const { exitCode, out } = await explain("POST /charges");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^deny: /);
  expect(out).toContain("reason: CONDITION_NOT_MET, a grant matches the request but its conditions do not hold\n");
  expect(out).toContain("    ? from unknown\n    - requireHeaders does not hold\n");
  expect(out).toContain(
    "to be allowed, the call would have to\n  call from a known address (give --from), from 10.0.0.0/8, not from 10.9.0.0/16 (IP policy `vpc`)\n",
  );
});

// biome-ignore format: one row a reason
test.each([
  ["a header that is missing", "POST /charges", ["--from", "10.1.2.3"], changed("  all-posts", "  all-puts").replace("POST /**", "PUT /**"), "CONDITION_NOT_MET", "send the header idempotency-key"],
  ["a risk too high", "GET /charges", ["--risk", "60"], changed("[GET /charges/**]", "[GET /charges/**], when: { risk: { below: 60 } }"), "CONDITION_NOT_MET", "have a risk below 60; it is 60"],
  ["an unknown risk", "GET /charges", [], changed("[GET /charges/**]", "[GET /charges/**], when: { risk: { below: 60 } }"), "CONDITION_NOT_MET", "know the caller's risk, below 60 (give --risk)"],
  ["just-in-time access", "GET /charges", [], changed("[GET /charges/**]", "[GET /charges/**], justInTime: { maxMinutes: 5, approvers: [ci], approvals: 1 }"), "CONDITION_NOT_MET", "nothing meets `justInTime` in this version"],
  ["a deny rule", "POST /refunds", ["--from", "10.1.2.3"], POLICY, "DENIED_BY_RULE", "that the deny rule `no-refunds` does not match"],
  ["no grant", "DELETE /charges/7", [], POLICY, "NOT_GRANTED", "add `DELETE /charges/7` to the requests of all-posts or charge or no-refunds or read, or add a grant"],
  ["the route's own networks", "GET /charges", ["--from", "10.9.0.1"], changed("owner: team,", "owner: team, from: vpc,"), "SOURCE_NOT_ALLOWED", "call from 10.0.0.0/8, not from 10.9.0.0/16"],
  ["the route's countries", "GET /charges", ["--from", "10.1.2.3"], changed("owner: team,", "owner: team, from: vpc,").replace("deny: [10.9.0.0/16]", "countries: [IE]"), "SOURCE_NOT_ALLOWED", "from country IE (give --country)"],
] as const)("explains a denial by %s", async (_, request, words, policy, reason, change) => {
  const { exitCode, out } = await explain(request, words, policy);
  expect(exitCode).toBe(0);
  expect(out).toContain(`reason: ${reason}, `);
  expect(out.slice(out.indexOf("to be allowed"))).toContain(change);
});

test("shows the route's own condition and the grants for other requests", async () => {
  const { out } = await explain("GET /charges", ["--from", "10.1.2.3"], changed("owner: team,", "owner: team, from: vpc,"));
  expect(out).toContain("for every call on the route\n  + from (vpc) holds\n");
  expect(out).toContain("rules of the same caller and route for other requests\n  all-posts at policy.yaml:18:3: POST /**\n");
});

test("--expect exits with 4 on the other decision, and with 0 on the same", async () => {
  expect(await explain("GET /charges", ["--expect", "deny"])).toMatchObject({
    exitCode: 4,
    out: expect.stringContaining("expected deny, found allow\n"),
  });
  expect(await explain("GET /charges", ["--expect", "allow"])).toMatchObject({ exitCode: 0 });
});

test("--json holds the same as data", async () => {
  const { out } = await explain("POST /charges", ["--from", "10.9.0.1", "--expect", "deny", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    decision: { effect: "deny", reason: "CONDITION_NOT_MET", rule: "all-posts", details: { conditions: ["from"] } },
    position: { file: "policy.yaml", line: 18, column: 3 },
    routeFrom: null,
    considered: [
      { rule: "all-posts", effect: "allow", conditions: [{ name: "from", holds: "does not hold" }] },
      {
        rule: "charge",
        conditions: [
          { name: "from", holds: "does not hold" },
          { name: "requireHeaders", holds: "does not hold" },
        ],
      },
    ],
    notMatching: [{ rule: "no-refunds", requests: ["POST /refunds"] }, { rule: "read" }],
    expected: "deny",
  });
});

test("names the caller or route that was probably meant", async () => {
  const files = { "policy.yaml": POLICY };
  const words = (caller: string, route: string) => ["explain", "policy.yaml", "--caller", caller, "--route", route, "--request", "GET /"];
  expect(await runCli(words("paymnts", "vendor"), { files })).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("no caller `paymnts`: did you mean `payments`?"),
  });
  expect(await runCli(words("payments", "xyz"), { files })).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("no route `xyz`: there are vendor"),
  });
  expect(await runCli(words("constructor", "vendor"), { files })).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("no caller `constructor`"),
  });
});

test.each([
  ["an ambiguous path", ["--request", "GET /a/../b"], "`GET /a/../b` is not `METHOD /path`"],
  ["an address in octal", ["--request", "GET /", "--from", "010.0.0.1"], "`010.0.0.1` is not an IPv4 or IPv6 address"],
  ["a risk past 100", ["--request", "GET /", "--risk", "101"], "--risk takes a number from 0 to 100, not `101`"],
  ["another expectation", ["--request", "GET /", "--expect", "maybe"], "Allowed choices are allow, deny"],
] as const)("refuses %s with exit code 2", async (_, words, message) => {
  const asked = ["explain", "policy.yaml", "--caller", "payments", "--route", "vendor", ...words];
  expect(await runCli(asked, { files: { "policy.yaml": POLICY } })).toMatchObject({
    exitCode: 2,
    out: "",
    err: expect.stringContaining(message),
  });
});

test("explains a policy that breaks a guardrail, but none that is invalid", async () => {
  expect(await explain("GET /charges", [], changed("https://api", "http://api"))).toMatchObject({ exitCode: 0 });
  const { exitCode, err } = await explain("GET /charges", [], changed("GET /charges/**", "GET charges"));
  expect(exitCode).toBe(2);
  expect(err).toContain("error: the policy is not valid (POLICY_INVALID)\npolicy.yaml:16:");
});
