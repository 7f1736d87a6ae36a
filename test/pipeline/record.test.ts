/** What is written down, and what is not: everything the operator needs, and never a credential. */
import { describe, expect, it } from "vitest";
import { replacePolicy } from "../../lib/pipeline/door.js";
import { refuse } from "../../lib/pipeline/handle.js";
import { expectNoCanary } from "../fakes/canary.js";
import { API_KEY, CALLER_KEY, NOW, policyWith, SIGNING_KEY, signed, TOKEN, testDoor, UPSTREAM_ADDRESS } from "../fakes/door.js";

describe("the audit event", () => {
  it("of a call that was let through tells who did what, by which rule, with which credential, and how it ended", async () => {
    const { send, audit, upstream, clock, door } = testDoor();
    upstream.respond = () => {
      clock.advance(12.5);
      return { status: 201, body: "created" };
    };
    await send(signed({ method: "POST", target: "/api/v1/charges?card=4242", body: "amount=1" }));
    expect(audit.events).toEqual([
      {
        kind: "outcome",
        time: new Date(NOW).toISOString(),
        requestId: expect.stringMatching(/^[\w-]{16}$/),
        decision: "allow",
        reason: "granted",
        policyVersion: door.current.policy.version,
        rule: "api-payments",
        caller: "payments",
        proof: "hmac",
        source: "10.1.2.3",
        route: "api",
        method: "POST",
        path: "/api/v1/charges",
        query: "card=[redacted]",
        credentials: [{ name: "api-key", version: "v1" }],
        upstream: { host: "api.example.com", port: 443, address: UPSTREAM_ADDRESS },
        status: 201,
        requestBytes: 8,
        responseBytes: 7,
        scrubbed: 0,
        durationMs: 12.5,
      },
    ]);
  });

  it("of what never became a request tells the reason alone", async () => {
    const { door, audit } = testDoor();
    const answer = await refuse("REQUEST_TIMEOUT", { parser: "ERR_HTTP_REQUEST_TIMEOUT" }, door);
    await answer.settle({ bytes: 0, complete: true });
    expect(answer.status).toBe(408);
    expect(audit.events).toMatchObject([{ kind: "denial", reason: "REQUEST_TIMEOUT", details: { parser: "ERR_HTTP_REQUEST_TIMEOUT" } }]);
    expect(door.load.calls).toBe(0);
  });

  it("leaves out a source that is not an address", async () => {
    const { ask, audit } = testDoor();
    await ask({
      source: "not an address",
      headers: [
        ["x-forwarded-for", "10.0.0.1"],
        ["forwarded", "for=10.0.0.1"],
      ],
    });
    expect(audit.events[0]).not.toHaveProperty("source");
  });

  it("of a refused call is lost aloud when the audit is down, and the call stays refused", async () => {
    const { ask, audit, metrics } = testDoor();
    audit.fail();
    expect(await ask({ target: "/api/v2" })).toMatchObject({ status: 403 });
    expect(metrics.total("sallyport_audit_lost_total")).toBe(1);
  });
});

describe("the source", () => {
  const policy = {
    ipPolicies: { vpc: { allow: ["10.0.0.0/8"], deny: ["10.6.0.0/16"] } },
    routes: { api: { owner: "team-test", target: "https://api.example.com", from: "vpc" } },
  };
  // biome-ignore format: one row a source
  const SOURCES: readonly (readonly [string | null, number])[] = [
    ["10.1.2.3", 200], ["::ffff:10.1.2.3", 200], ["10.6.0.1", 403], ["::ffff:10.6.0.1", 403], ["192.0.2.1", 403], ["::1", 403], ["010.1.2.3", 403], ["", 403], [null, 403],
  ];

  it.each(SOURCES)("is the platform's own: %s gets %i, whatever headers say", async (source, status) => {
    const { ask, audit } = testDoor({ policy });
    const lie = source === "10.1.2.3" ? "192.0.2.1" : "10.1.2.3";
    expect(
      await ask({
        source,
        headers: [
          ["x-forwarded-for", lie],
          ["x-real-ip", lie],
          ["forwarded", `for=${lie}`],
        ],
      }),
    ).toMatchObject({ status });
    expect(audit.events[0]?.reason).toBe(status === 200 ? "granted" : "SOURCE_NOT_ALLOWED");
  });
});

describe("metrics", () => {
  it("count decisions by names of the policy only", async () => {
    const { ask, send, metrics } = testDoor();
    await ask();
    await send({ target: "/no-such-route-by-an-attacker" });
    const requests = metrics.samples.filter(({ name }) => name === "sallyport_requests_total").map(({ labels }) => labels);
    expect(requests).toEqual([
      { route: "api", decision: "allow", reason: "granted" },
      { route: "", decision: "deny", reason: "PROOF_MISSING" },
    ]);
    expect(metrics.total("sallyport_upstream_responses_total", { route: "api", status: "200" })).toBe(1);
    expect(metrics.total("sallyport_credential_uses_total", { route: "api", secret: "api-key" })).toBe(1);
  });

  it("observe the duration of every call in seconds", async () => {
    const { ask, metrics, clock, upstream } = testDoor();
    upstream.respond = () => {
      clock.advance(250);
      return {};
    };
    await ask();
    expect(metrics.total("sallyport_request_duration_seconds", { route: "api" })).toBe(0.25);
  });
});

it("holds no credential and no proof in any event, sample or answer, over calls good and bad", async () => {
  const { send, ask, audit, metrics, upstream, secrets, commits } = testDoor();
  upstream.respond = ({ headers }) => ({ headers: [["x-echo", JSON.stringify(headers)]], body: JSON.stringify(headers) });
  const answers = [await ask(), await send(signed()), await send(signed()), await ask({ target: `/api/v2/${TOKEN.length}?key=x` })];
  upstream.respond = () => {
    throw Object.assign(new Error("a fault without a value"), { secret: API_KEY });
  };
  answers.push(await ask());
  secrets.put("api-key", `${API_KEY}\r\n`);
  answers.push(await ask());
  const seen = { answers, events: audit.events, samples: metrics.samples, commits: commits.commits };
  for (const [channel, data] of Object.entries(seen))
    expectNoCanary(channel, JSON.stringify(data), [API_KEY, CALLER_KEY, SIGNING_KEY, TOKEN]);
});

it("puts another policy in force for the calls that start from now on", async () => {
  const { ask, door, audit, upstream } = testDoor();
  const before = door.current.policy.version;
  upstream.respond = () => {
    replacePolicy(door, policyWith({ grants: { "api-batch": { caller: "batch", route: "api", requests: ["GET /v9/**"] } } }));
    return {};
  };
  expect(await ask()).toMatchObject({ status: 200 });
  expect(await ask()).toMatchObject({ status: 403 });
  expect(audit.events.map(({ policyVersion }) => policyVersion)).toEqual([before, door.current.policy.version]);
});
