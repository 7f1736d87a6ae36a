/**
 * THREATS 16 to 19, by their numbers: replay, a store that is filled, signature tricks, clock skew. For every profile and
 * every store. Four processes on one lmdb store, and `kill -9`: test/adapters/local/lmdb-commit-store.test.ts. Keys that
 * are rotated under load: test/adapters/local/rotation.test.ts.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dynamodbCommitStore } from "../../lib/adapters/aws/dynamodb-commit-store.js";
import { openLmdbCommitStore } from "../../lib/adapters/local/lmdb-commit-store.js";
import { type Denial, isDenial } from "../../lib/errors.js";
import type { CommitStore } from "../../lib/ports.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import type { HeaderList, SignableMessage } from "../../lib/signing/message.js";
import { awsProfile } from "../../lib/signing/presets/aws.js";
import { presetProfile } from "../../lib/signing/presets/preset.js";
import type { SigningProfile, Verified } from "../../lib/signing/profile.js";
import { MemoryCommitStore } from "../../lib/signing/replay.js";
import { rfc9421Profile } from "../../lib/signing/rfc9421.js";
import { templateProfile } from "../../lib/signing/template.js";
import { bundleScript, runScript } from "../adapters/local/child.js";
import { NOW as DOOR_NOW, signed, type TestRequest, testDoor } from "../fakes/door.js";
import { type Dynalite, startDynalite, TABLE } from "../fakes/dynalite.js";
import { seededRandom } from "../fakes/memory-ports.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { AT, carrying, NOW, ORDER, signedWith, withHeader } from "./messages.js";

const WINDOW_MS = 300_000;

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

/** How to open a store, again and again over the same claims. A process that ends forgets what it holds in memory. */
interface Store {
  readonly name: string;
  readonly opener: () => () => CommitStore;
}

const dynamodb = (): CommitStore => dynamodbCommitStore({ client: dynalite.client, tableName: TABLE, random: seededRandom(randomUUID()) });
const lmdbAt = (path: string) => (): CommitStore => {
  const store = openLmdbCommitStore({ path });
  onTestFinished(() => store.close());
  return store;
};
const DURABLE: readonly Store[] = [
  { name: "lmdb", opener: () => lmdbAt(join(temporaryFolder(onTestFinished), "commits")) },
  { name: "DynamoDB", opener: () => dynamodb },
];
const STORES: readonly Store[] = [{ name: "memory", opener: () => () => new MemoryCommitStore() }, ...DURABLE];

/** A nonce of its own for each test: dynalite's table serves all of them. */
const fresh = (request: TestRequest & { body?: string } = {}) => signed(request, { nonce: randomUUID() });

describe.each(STORES)("16: replay, with claims in $name", ({ opener }) => {
  it("16: exactly one of 100 concurrent copies passes", async () => {
    const { send, upstream } = testDoor({ commits: opener()() });
    const request = fresh({ method: "POST", body: "once" });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === "REPLAYED")).toHaveLength(99);
    expect(upstream.sent).toHaveLength(1);
  });

  it("16: a copy with changed but equivalent headers is a copy", async () => {
    const { send } = testDoor({ commits: opener()() });
    const request = fresh({ headers: [["Content-Type", "text/plain"]] });
    expect(await send(request)).toMatchObject({ status: 200 });
    const headers = request.headers!.toReversed().map(([name, value]) => [name.toUpperCase(), value] as const);
    for (const copy of [{ headers }, { headers: [...headers, ["X-Extra", "1"] as const] }]) {
      expect(await send({ ...request, ...copy })).toMatchObject({ status: 409, code: "REPLAYED" });
    }
  });

  it("16: a copy is refused up to the last millisecond of timestamp + window, and then by its age", async () => {
    const { send, clock, audit } = testDoor({ commits: opener()() });
    const request = fresh();
    clock.advance(200_000);
    expect(await send(request)).toMatchObject({ status: 200 });
    clock.advance(WINDOW_MS - 200_000);
    expect(await send(request)).toMatchObject({ code: "REPLAYED" });
    clock.advance(1);
    await send(request);
    expect(audit.events.at(-1)).toMatchObject({ reason: "TIMESTAMP_OUTSIDE_WINDOW" });
  });

  it("16: a claim is taken back when the call fails before connecting began, and never after", async () => {
    const { send, resolver, upstream } = testDoor({ commits: opener()() });
    const [before, after] = [fresh(), fresh()];
    resolver.set("api.example.com", ["10.0.0.1"]);
    expect(await send(before)).toMatchObject({ code: "DESTINATION_NOT_PUBLIC" });
    resolver.set("api.example.com", ["93.184.215.14"]);
    expect(await send(before)).toMatchObject({ status: 200 });
    upstream.fail("UPSTREAM_RESET");
    expect(await send(after)).toMatchObject({ code: "UPSTREAM_RESET" });
    expect(await send(after)).toMatchObject({ code: "REPLAYED" });
  });
});

describe.each(DURABLE)("16: replay, with claims in $name", ({ opener }) => {
  it("16: a copy is refused after a restart, and at another instance", async () => {
    const open = opener();
    const request = fresh();
    expect(await testDoor({ commits: open() }).send(request)).toMatchObject({ status: 200 });
    for (const { send, upstream } of [testDoor({ commits: open() }), testDoor({ commits: open() })]) {
      expect(await send(request)).toMatchObject({ code: "REPLAYED" });
      expect(upstream.sent).toEqual([]);
    }
  });
});

describe("16: replay, across processes", () => {
  const script = bundleScript(
    "dynamodb-commits",
    `import { randomBytes } from "node:crypto";
     import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
     import { dynamodbCommitStore } from "./lib/adapters/aws/dynamodb-commit-store.js";
     const [endpoint, tableName, prefix] = process.argv.slice(2);
     const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
     const store = dynamodbCommitStore({ client, tableName, random: { bytes: randomBytes } });
     const commit = (i) => store.commit({ claim: prefix + i, owner: "k", expiresAt: ${NOW + WINDOW_MS}, intent: {} }, ${NOW});
     void Promise.all(Array.from({ length: 100 }, (_, i) => commit(i))).then((results) => {
       process.stdout.write(JSON.stringify(results));
       client.destroy();
     });`,
    afterAll,
  );

  it("16: exactly one of 4 processes has each of 100 claims in DynamoDB", async () => {
    const prefix = randomUUID();
    const runs = await Promise.all(Array.from({ length: 4 }, () => runScript(script, [dynalite.endpoint, TABLE, prefix])));
    const results = runs.map(({ stdout, stderr }) => JSON.parse(stdout || JSON.stringify(stderr)) as string[]);
    for (let claim = 0; claim < 100; claim++) {
      expect(results.map((ofProcess) => ofProcess[claim]).sort()).toEqual(["committed", "replayed", "replayed", "replayed"]);
    }
  });
});

describe.each([
  { name: "memory", open: () => new MemoryCommitStore({ maxClaims: 10, maxClaimsPerOwner: 6 }) },
  {
    name: "lmdb",
    open: () => {
      const store = openLmdbCommitStore({ path: join(temporaryFolder(onTestFinished), "commits"), maxClaims: 10, maxClaimsPerOwner: 6 });
      onTestFinished(() => store.close());
      return store;
    },
  },
])("17: a store of claims in $name that is filled", ({ open }) => {
  const TWO = {
    payments: { kind: "hmac", key: "caller-key", keyId: "payments-1" },
    loud: { kind: "hmac", key: "caller-key", keyId: "loud" },
  };
  const policy = { callers: TWO, grants: { loud: { caller: "loud", route: "api", requests: ["GET /v1/**"] } } };
  const by = (keyId: string) => signed({}, { nonce: randomUUID(), keyId });

  it("17: refuses the owner at its quota and then everybody, and evicts nobody", async () => {
    const { send, upstream, clock } = testDoor({ commits: open(), policy });
    const flood = Array.from({ length: 20 }, () => by("loud"));
    const answers = [];
    for (const request of flood) answers.push(await send(request));
    expect(answers.map(({ status }) => status)).toEqual([...Array(6).fill(200), ...Array(14).fill(503)]);
    expect(answers[6]).toMatchObject({ code: "COMMIT_FULL" });

    const others = Array.from({ length: 5 }, () => by("payments-1"));
    const codes = [];
    for (const request of others) codes.push((await send(request)).status);
    expect(codes).toEqual([200, 200, 200, 200, 503]);

    for (const used of [...flood.slice(0, 6), ...others.slice(0, 4)]) expect(await send(used)).toMatchObject({ code: "REPLAYED" });
    expect(upstream.sent).toHaveLength(10);
    clock.advance(WINDOW_MS);
    expect(await send(flood[0]!)).toMatchObject({ code: "REPLAYED" });
    clock.advance(1);
    expect(await send(signed({}, { nonce: randomUUID(), timestampMs: DOOR_NOW + WINDOW_MS }))).toMatchObject({ status: 200 });
  });
});

const KEY = { id: "default", secret: new SecretValue("Y2FuYXJ5LXNpZ25pbmcta2V5LTE=") };
const PROFILES: readonly (readonly [name: string, profile: SigningProfile])[] = [
  ["hmac strict", hmacProfile({ form: "strict" })],
  ["hmac plain", hmacProfile({ form: "plain" })],
  [
    "rfc9421",
    rfc9421Profile({ name: "r", algorithm: "hmac-sha256", components: ["@method", "@authority", "@path", "@query", "content-type"] }),
  ],
  ["sigv4", awsProfile({ region: "eu-west-1", service: "execute-api" })],
  ["stripe", presetProfile("stripe")],
  ["slack", presetProfile("slack")],
  ["standard webhooks", presetProfile("standard-webhooks")],
];
const verdictOf = (profile: SigningProfile, message: SignableMessage, secret = KEY.secret, now = NOW) =>
  profile.verify(message, (id) => (id === KEY.id ? secret : undefined), now);
const codeOf = (verdict: object | Denial): string => (isDenial(verdict) ? verdict.denied : "verified");
const proofOf = (profile: SigningProfile): HeaderList => profile.sign(ORDER, KEY, AT);

describe.each(PROFILES)("18: signature tricks against %s", (name, profile) => {
  const good = carrying(ORDER, proofOf(profile));

  it("18: the request itself is good", () => {
    expect(codeOf(verdictOf(profile, good))).toBe("verified");
  });

  it("18: an empty secret neither signs nor verifies", () => {
    const empty = new SecretValue("");
    expect(() => profile.sign(ORDER, { ...KEY, secret: empty }, AT)).toThrow(expect.objectContaining({ code: "SECRET_TOO_SHORT" }));
    expect(codeOf(verdictOf(profile, good, empty))).toBe("SECRET_TOO_SHORT");
  });

  it("18: another key under this one's id is refused", () => {
    expect(codeOf(verdictOf(profile, good, new SecretValue("b3RoZXI=")))).toBe("SIGNATURE_INVALID");
  });

  it("18: no header of the proof may be left out, or stand twice, with one value or two", () => {
    for (const [header, value] of proofOf(profile)) {
      const lower = header.toLowerCase();
      const changes = [
        withHeader(good, lower, undefined),
        carrying(good, [[header, value]]),
        carrying(good, [[header.toUpperCase(), `${value}x`]]),
      ];
      for (const changed of changes) expect(codeOf(verdictOf(profile, changed)), header).not.toBe("verified");
    }
  });

  it("18: no other spelling of a value of the proof is taken for it", () => {
    const respell: ((value: string) => string)[] = [
      (value) => `${value}\n`,
      (value) => `${value}=`,
      (value) => value.slice(0, -1),
      (value) => value.replace(/[a-f](?=[0-9a-f]*$)/, (digit) => digit.toUpperCase()),
      (value) => value.replace(/[0-9](?=[^0-9]*$)/, (digit) => String.fromCharCode(0xfee0 + digit.charCodeAt(0))),
    ];
    for (const [header, value] of proofOf(profile)) {
      for (const other of respell.map((change) => change(value)).filter((text) => text !== value)) {
        expect(codeOf(verdictOf(profile, withHeader(good, header.toLowerCase(), other))), `${header}: ${other}`).not.toBe("verified");
      }
    }
  });

  it("18: space around a value, which HTTP does not count, makes no other claim of it", () => {
    const whole = verdictOf(profile, good) as Verified;
    for (const [header, value] of proofOf(profile)) {
      const spaced = verdictOf(profile, withHeader(good, header.toLowerCase(), ` ${value} `));
      expect(isDenial(spaced) ? whole.claim : spaced.claim).toBe(whole.claim);
    }
  });

  it("18: an algorithm that the message names changes nothing, and none is no algorithm", () => {
    for (const [header, value] of proofOf(profile)) {
      const others = [value.replace(/sha256|hmac-sha256|SHA256/i, "none"), value.replace(/^(v0=|v1=|v1,|sha256=)/, ""), "none", ""];
      for (const other of others.filter((text) => text !== value)) {
        expect(codeOf(verdictOf(profile, withHeader(good, header.toLowerCase(), other))), `${header}: ${other}`).not.toBe("verified");
      }
    }
  });

  it("18: a body extended by SHA-256's own padding is another body", () => {
    const body = ORDER.body as Uint8Array;
    const padding = Buffer.alloc(64 - body.length);
    padding[0] = 0x80;
    padding.writeUInt32BE(body.length * 8, padding.length - 4);
    const extended = { ...good, body: Buffer.concat([body, padding, Buffer.from("&admin=1")]) };
    expect(codeOf(verdictOf(profile, extended))).toBe("SIGNATURE_INVALID");
  });

  it("18: it is no proof for any other profile", () => {
    for (const [other, otherProfile] of PROFILES) {
      if (other !== name) expect(codeOf(verdictOf(otherProfile, good)), other).not.toBe("verified");
    }
  });
});

it("18: freshness that is carried and not signed is refused when the profile is made", () => {
  const make = () =>
    templateProfile({
      name: "loose",
      segments: [{ kind: "body" }],
      algorithm: "hmac-sha256",
      encoding: "hex",
      signature: { header: "X-Signature" },
      timestamp: { header: "X-Timestamp" },
    });
  expect(make).toThrow("INPUT_INVALID: segments: expected a timestamp segment, for timestamp is carried and would not be signed");
});

it("18: a key of a signing profile proves no caller", async () => {
  const { send, audit } = testDoor({ policy: { signingProfiles: { outgoing: { kind: "hmac", key: "caller-key", keyId: "door-1" } } } });
  expect(await send(signed({}, { keyId: "door-1" }))).toMatchObject({ status: 403, code: "DENIED" });
  expect(audit.events[0]).toMatchObject({ reason: "CALLER_UNKNOWN" });
});

describe.each(PROFILES)("19: clock skew with %s", (_, profile) => {
  it.each([
    ["300 s behind", WINDOW_MS, "verified"],
    ["300.001 s behind", WINDOW_MS + 1, "TIMESTAMP_OUTSIDE_WINDOW"],
    ["300 s ahead", -WINDOW_MS, "verified"],
    ["300.001 s ahead", -WINDOW_MS - 1, "TIMESTAMP_OUTSIDE_WINDOW"],
    ["an hour off", 3_600_000, "TIMESTAMP_OUTSIDE_WINDOW"],
    ["no clock at all", Number.NaN, "TIMESTAMP_OUTSIDE_WINDOW"],
  ])("19: a signer that is %s by the verifier's clock", (_what, skewMs, expected) => {
    expect(codeOf(verdictOf(profile, signedWith(profile, ORDER, KEY, AT), KEY.secret, NOW + skewMs))).toBe(expected);
  });

  it("19: a claim lives as long as the signature, computed and not configured apart", () => {
    const verified = verdictOf(profile, signedWith(profile, ORDER, KEY, AT));
    expect(verified).toMatchObject({ expiresAtMs: AT.timestampSeconds * 1000 + WINDOW_MS });
  });
});
