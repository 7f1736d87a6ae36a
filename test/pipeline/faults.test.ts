/** What fails, when, and what is left untouched: no acknowledgement, no credential; no credential, no call. */
import { describe, expect, it } from "vitest";
import { auditedCommits } from "../../lib/adapters/local/audited-commits.js";
import type { ErrorCode } from "../../lib/errors.js";
import { signed, type TestDoor, testDoor } from "../fakes/door.js";
import { memoryCommitStore } from "../fakes/memory-commit-store.js";
import { recordingAuditSink, tableResolver } from "../fakes/memory-ports.js";

interface Fault {
  readonly title: string;
  readonly cause: (test: TestDoor) => unknown;
  readonly code: ErrorCode;
  readonly status: number;
  /** Whether the claim is taken back, so that the caller may send the same request again. */
  readonly released: boolean;
}

const unusual = () => new Error("a fault nobody thought of");
const released = { released: true };

// biome-ignore format: one row a fault
const BEFORE_CONNECTING: readonly Fault[] = [
  { title: "the secret store is down", cause: ({ secrets }) => secrets.fail(), code: "SECRET_UNAVAILABLE", status: 503, ...released },
  { title: "the secret has no value", cause: ({ secrets }) => secrets.remove("api-key"), code: "SECRET_MISSING", status: 503, ...released },
  { title: "the secret is of 11 bytes", cause: store("elevenbytes"), code: "SECRET_TOO_SHORT", status: 503, ...released },
  { title: "the secret holds a line break", cause: store("long-enough\r\nx-injected: 1"), code: "SECRET_UNUSABLE", status: 503, ...released },
  { title: "the secret holds bytes that are no text", cause: store(Buffer.alloc(20, 0xff)), code: "SECRET_UNUSABLE", status: 503, ...released },
  { title: "the name does not resolve", cause: ({ door }) => Object.assign(door, { resolver: tableResolver({}) }), code: "DNS_FAILED", status: 502, ...released },
  { title: "the name has no address", cause: ({ resolver }) => resolver.set("api.example.com", []), code: "DNS_FAILED", status: 502, ...released },
];

function store(value: string | Uint8Array): Fault["cause"] {
  return ({ secrets }) => void secrets.put("api-key", value);
}

const AFTER: readonly Fault[] = (
  [
    ["the upstream cannot be reached", "UPSTREAM_UNREACHABLE", 502],
    ["the upstream's certificate is wrong", "UPSTREAM_TLS", 502],
    ["the upstream resets", "UPSTREAM_RESET", 502],
    ["the upstream does not answer in time", "UPSTREAM_TIMEOUT", 504],
  ] as const
).map(([title, code, status]) => ({ title, cause: ({ upstream }: TestDoor) => upstream.fail(code), code, status, released: false }));

describe.each([...BEFORE_CONNECTING, ...AFTER])("when $title", ({ cause, code, status, released }) => {
  it(`answers ${status} ${code}${released ? " and takes the claim back" : " and keeps the claim"}`, async () => {
    const test = testDoor();
    cause(test);
    expect(await test.ask()).toMatchObject({ status, code });
    expect(test.commits.commits).toHaveLength(1);
    expect(test.commits.released).toEqual(released ? [test.commits.commits[0]!.claim] : []);
    expect(test.upstream.sent).toHaveLength(released ? 0 : 1);
    expect(test.audit.events).toMatchObject([
      { kind: released ? "denial" : "outcome", decision: "deny", reason: code, status, caller: "batch" },
    ]);
    expect(test.door.load.calls).toBe(0);
  });
});

it("takes the same signed request again after it failed before connecting, and refuses it after", async () => {
  const { send, secrets, upstream } = testDoor();
  secrets.put("api-key", "short");
  expect(await send(signed())).toMatchObject({ code: "SECRET_TOO_SHORT" });
  secrets.put("api-key", "long enough again");
  upstream.fail("UPSTREAM_RESET");
  expect(await send(signed())).toMatchObject({ code: "UPSTREAM_RESET" });
  expect(await send(signed())).toMatchObject({ code: "REPLAYED" });
});

describe("when nothing can be committed", () => {
  const REFUSALS: readonly (readonly [string, (test: TestDoor) => void, ErrorCode, number])[] = [
    ["the store throws its own fault", ({ commits }) => commits.fail(), "COMMIT_UNAVAILABLE", 503],
    ["the store throws any fault", ({ commits }) => commits.fail(unusual()), "INTERNAL", 500],
    ["the store is full", ({ commits }) => commits.fill(), "COMMIT_FULL", 503],
    ["the audit is down", ({ audit }) => audit.fail(), "AUDIT_UNAVAILABLE", 503],
  ];

  it.each(REFUSALS)("reads no credential and sends nothing: %s", async (_, cause, code, status) => {
    const commits = memoryCommitStore();
    const audit = recordingAuditSink();
    const test = testDoor({ commits: auditedCommits(commits, audit) });
    cause({ ...test, commits, audit });
    expect(await test.send(signed())).toMatchObject({ status, code });
    expect(test.secrets.reads).toEqual(["caller-key"]);
    expect([test.upstream.sent, test.resolver.lookups]).toEqual([[], []]);
  });

  it("recovers by itself, and the same request passes then", async () => {
    const commits = memoryCommitStore();
    const audit = recordingAuditSink();
    const test = testDoor({ commits: auditedCommits(commits, audit) });
    audit.fail();
    expect(await test.send(signed())).toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    audit.recover();
    expect(await test.send(signed())).toMatchObject({ status: 200 });
    expect(audit.events).toMatchObject([{ kind: "intent" }]);
  });
});

describe("an unexpected fault", () => {
  it("denies, keeps its message for the operator and tells the caller nothing", async () => {
    const { ask, upstream, audit } = testDoor();
    upstream.respond = () => {
      throw unusual();
    };
    const answer = await ask();
    expect(answer).toMatchObject({ status: 500, code: "INTERNAL" });
    expect(answer.body).not.toContain("nobody");
    expect(audit.events[0]?.details).toEqual({ cause: "Error: a fault nobody thought of" });
  });

  it("is DENIED before the caller is authorized", async () => {
    const { send, secrets } = testDoor();
    secrets.fail(unusual());
    expect(await send(signed())).toMatchObject({ status: 403, code: "DENIED" });
  });
});
