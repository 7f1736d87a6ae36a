/**
 * The pipeline is one, whoever asks: a request through the local gateway's sockets and the same request as an event of
 * API Gateway get the same answer, audit, claim and metrics, and put the same bytes on the wire to the upstream.
 *
 * What differs by nature, and is not generated here:
 * - IAM callers: only API Gateway verifies them.
 * - Query spelling: API Gateway keeps no raw query, so only canonical targets, which callers sign, stay as they are.
 * - Streaming: `requestBytes` says what was read of a body by then, which for the gateway is a matter of time.
 * - Headers: API Gateway's own count towards the bounds, and its bounds are narrower.
 * - Header order: API Gateway groups equal names, and JSON puts names that are whole numbers first.
 * - Framing: chunked bodies, `Expect`, `Upgrade`, pipelining and what no parser takes end at API Gateway's own server.
 *   The gateway's answers carry `Date`, `Connection` and a length of its own; API Gateway writes its own.
 * - Platform limits: PLATFORM_TIMEOUT, RESPONSE_OVER_PLATFORM_LIMIT and INVOKER_UNKNOWN are Lambda's, REQUEST_TIMEOUT and
 *   AUDIT_UNAVAILABLE (its intents stand in a file, too) the gateway's.
 */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { undiciUpstream } from "../../lib/adapters/undici-upstream.js";
import { SallyportError } from "../../lib/errors.js";
import { loadPolicy } from "../../lib/policy/load.js";
import { expectNoCanary } from "../fakes/canary.js";
import { API_KEY } from "../fakes/door.js";
import { sharedAuthority } from "../fakes/gateway.js";
import { ECHO, type RawUpstream, startRawUpstream } from "../fakes/raw-upstream.js";
import { parityPolicy, UPSTREAM_NAME } from "./policy.js";
import { allowed, type ParityRequest, REFUSED, signedOnly } from "./requests.js";
import { replacing, runBoth, type Setting, type Trouble } from "./two-doors.js";

let upstream: RawUpstream;
let setting: Setting;

beforeAll(async () => {
  const { authority, server } = await sharedAuthority();
  upstream = await startRawUpstream({ key: server.privateKeyPem, cert: server.certificatePem });
  const policy = loadPolicy([{ text: JSON.stringify(parityPolicy(upstream.port)), file: "policy.json" }], { today: "2026-01-02" });
  setting = { policy, upstream, ca: authority.certificatePem };
});
afterAll(() => upstream.stop());
beforeEach(() => {
  upstream.head = ECHO;
});

/** @returns what both did */
async function sameRun(requests: readonly ParityRequest[], trouble?: Trouble) {
  const { gateway, lambda } = await runBoth(setting, requests, trouble);
  expect(lambda).toEqual(gateway);
  return gateway;
}

const sameForAll = (numRuns: number, requests: fc.Arbitrary<ParityRequest>, check: (request: ParityRequest) => Promise<void>) =>
  fc.assert(fc.asyncProperty(requests, check), { numRuns, seed: 3 });

it("sends what is granted upstream in the same bytes, and answers without the credential that is in them", () =>
  sameForAll(200, allowed(), async (request) => {
    const { answers, events, sent } = await sameRun([request]);
    expect(events).toMatchObject([{ kind: "outcome", decision: "allow", reason: "granted", status: 200 }]);
    expect(sent).toHaveLength(1);
    expectNoCanary("the answer", JSON.stringify(answers), [API_KEY]);
  }));

describe("refuses alike, and lets the upstream see nothing of,", () => {
  it.each(Object.entries(REFUSED))("%s", (reason, requests) =>
    sameForAll(12, requests, async (request) => {
      const { events, sent } = await sameRun([request]);
      expect(events).toMatchObject([{ kind: "denial", decision: "deny", reason }]);
      expect(sent).toEqual([]);
    }),
  );

  it("REPLAYED, the second time", () =>
    sameForAll(12, signedOnly, async (request) => {
      const { events, sent, answers } = await sameRun([request, request]);
      expect(answers.map(({ status }) => status)).toEqual([200, 409]);
      expect(events.map(({ reason }) => reason)).toEqual(["granted", "REPLAYED"]);
      expect(sent).toHaveLength(1);
    }));
});

const failing = (code: "REVOCATIONS_UNKNOWN" | "UPSTREAM_TIMEOUT") => () => Promise.reject(new SallyportError(code));
const answering = (head: string | undefined) => (): void => {
  upstream.head = () => head;
};

/** By the reason in the audit: what befalls a door. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  OVERLOADED: replacing({ limits: { maxConcurrentCalls: 0 } }),
  REVOCATIONS_UNKNOWN: replacing({ revocations: { revoked: failing("REVOCATIONS_UNKNOWN") } }),
  COMMIT_FULL: ({ commits }) => commits.fill(),
  COMMIT_UNAVAILABLE: ({ commits }) => commits.fail(),
  INTERNAL: ({ commits }) => commits.fail(new TypeError("a defect")),
  SECRET_MISSING: ({ secrets }) => secrets.remove("api-key"),
  SECRET_UNAVAILABLE: ({ secrets }) => secrets.fail(),
  SECRET_TOO_SHORT: ({ secrets }) => secrets.put("api-key", "short"),
  SECRET_UNUSABLE: ({ secrets }) => secrets.put("api-key", "a value with\nits own header"),
  CERTIFICATE_UNUSABLE: ({ secrets }) => secrets.put("client", "no PEM at all"),
  DNS_FAILED: ({ resolver }) => resolver.set(UPSTREAM_NAME, []),
  DESTINATION_NOT_PUBLIC: ({ resolver }) => resolver.set(UPSTREAM_NAME, ["127.0.0.1", "10.0.0.1"]),
  UPSTREAM_UNREACHABLE: ({ resolver }) => resolver.set(UPSTREAM_NAME, ["127.0.0.2"]),
  UPSTREAM_TLS: replacing({ upstream: undiciUpstream() }),
  UPSTREAM_TIMEOUT: replacing({ upstream: { send: failing("UPSTREAM_TIMEOUT"), close: async () => {} } }),
  UPSTREAM_RESET: answering(undefined),
  RESPONSE_UNSCRUBBABLE: answering("HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\n"),
};

describe("fails alike by", () => {
  it.each(Object.entries(TROUBLES))("%s", (reason, trouble) => {
    const requests = allowed([reason === "CERTIFICATE_UNUSABLE" ? "certified" : "strict"]);
    return sameForAll(6, requests, async (request) => {
      const { events } = await sameRun([request], trouble);
      expect(events).toMatchObject([{ decision: "deny", reason }]);
    });
  });
});
