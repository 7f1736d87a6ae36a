/**
 * THREATS 20: two keys overlap without a gap. A whole local door (secret file, cache, claims on disk, reloads) under load
 * while the caller's key and the key that the door signs with are both replaced. Nothing fails on the way.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { openLocalDoor } from "../../../lib/adapters/local/local-door.js";
import { secretFile } from "../../../lib/adapters/local/secret-file.js";
import { isDenial } from "../../../lib/errors.js";
import { headerList } from "../../../lib/http/headers.js";
import { parseCidr } from "../../../lib/net/cidr.js";
import { SecretValue } from "../../../lib/secret-value.js";
import { signFetch } from "../../../lib/signing/client.js";
import { hmacProfile } from "../../../lib/signing/hmac.js";
import { canary } from "../../fakes/canary.js";
import { temporaryFolder } from "../../fakes/temporary-folder.js";

const VALUES = Object.fromEntries(["in-1", "in-2", "out-1", "out-2"].map((name) => [name, canary(name)]));
const secretOf = (id: string): SecretValue => new SecretValue(VALUES[id]!);

type Keys = Readonly<Record<string, { readonly key: string; readonly state?: string }>>;

const policyText = (port: number, callerKeys: Keys, signingKeys: Keys): string =>
  JSON.stringify({
    version: 1,
    name: "door",
    environment: "test",
    secrets: Object.fromEntries(
      Object.keys(VALUES).map((name) => [name, { source: { kind: "managed" }, maxAgeDays: 9, allowedHosts: ["upstream.example"] }]),
    ),
    signingProfiles: { outgoing: { kind: "hmac", keys: signingKeys } },
    callers: { payments: { kind: "hmac", keys: callerKeys } },
    routes: {
      upstream: {
        owner: "team",
        target: `http://upstream.example:${port}`,
        sign: "outgoing",
        waivers: [{ rule: "cleartext-target", reason: "a test on this machine", expires: "2999-01-01" }],
      },
    },
    grants: { all: { caller: "payments", route: "upstream", requests: ["POST /**"] } },
  });

/** An upstream that answers 200 to what one of both keys signed, and counts by key. */
async function verifyingUpstream() {
  const profile = hmacProfile({ form: "strict" });
  const seen: Record<string, number> = {};
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = "", url: target = "", headers, rawHeaders } = request;
      const message = { method, target, authority: headers.host!, headers: headerList(rawHeaders), body };
      const verified = profile.verify(message, (id) => (id.startsWith("out-") ? secretOf(id) : undefined), Date.now());
      const name = isDenial(verified) ? verified.denied : verified.keyId;
      seen[name] = (seen[name] ?? 0) + 1;
      response.writeHead(isDenial(verified) ? 401 : 200).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

const CALLERS = 16;
/** Calls of each caller between two steps of the rotation. */
const CALLS_A_STEP = 12;

test("20: both a caller's key and the door's own are rotated under load, and not one call fails", async () => {
  const { port, seen } = await verifyingUpstream();
  const stateFolder = temporaryFolder(onTestFinished);
  const keyPath = join(stateFolder, "key");
  const store = secretFile({ path: join(stateFolder, "secrets.json"), keyPath });
  for (const name of ["in-1", "out-1"]) await store.set(name, secretOf(name));

  let policy = policyText(port, { "in-1": { key: "in-1" } }, { "out-1": { key: "out-1" } });
  const door = await openLocalDoor({
    readPolicy: async () => [{ text: policy, file: "policy.json" }],
    listeners: [{ host: "127.0.0.1", port: 0 }],
    stateFolder,
    keyPath,
    resolve: { "upstream.example": ["127.0.0.1"] },
    allowUpstream: [parseCidr("127.0.0.1")!],
  });
  onTestFinished(() => door.close(0));
  const url = `http://127.0.0.1:${door.gateway.listening[0]!.port}/upstream/orders`;
  const reload = async (callerKeys: Keys, signingKeys: Keys) => {
    policy = policyText(port, callerKeys, signingKeys);
    expect(await door.reload()).toMatchObject({ result: "loaded" });
  };

  const results: Record<string, number> = {};
  const callsOf = Array<number>(CALLERS).fill(0);
  const keyIds = Array<string>(CALLERS).fill("in-1");
  let isOver = false;
  const profile = hmacProfile({ form: "strict" });
  const load = keyIds.map(async (_, caller) => {
    const signedFetch = signFetch(fetch, profile, () => ({ id: keyIds[caller]!, secret: secretOf(keyIds[caller]!) }));
    while (!isOver) {
      const id = keyIds[caller]!;
      const { status } = await signedFetch(url, { method: "POST", body: `${caller}` });
      results[`${id} ${status}`] = (results[`${id} ${status}`] ?? 0) + 1;
      callsOf[caller]! += 1;
    }
  });
  /** Until every caller has made so many calls more: none that was under way at the beginning still is. */
  const callsPass = async () => {
    const wanted = callsOf.map((calls) => calls + CALLS_A_STEP);
    while (callsOf.some((calls, caller) => calls < wanted[caller]!)) await new Promise((later) => setTimeout(later, 5));
  };

  await callsPass();
  for (const name of ["in-2", "out-2"]) await store.set(name, secretOf(name));
  const both = { "in-1": { key: "in-1" }, "in-2": { key: "in-2" } };
  await reload(both, { "out-1": { key: "out-1" }, "out-2": { key: "out-2" } });
  await callsPass();
  for (let caller = 0; caller < CALLERS; caller++) {
    keyIds[caller] = "in-2";
    if (caller === CALLERS / 2) await callsPass();
  }
  await callsPass();
  await reload(
    { ...both, "in-1": { key: "in-1", state: "revoked" } },
    { "out-1": { key: "out-1", state: "revoked" }, "out-2": { key: "out-2" } },
  );
  await callsPass();
  isOver = true;
  await Promise.all(load);

  expect(Object.keys(results).sort()).toEqual(["in-1 200", "in-2 200"]);
  expect(Object.keys(seen).sort()).toEqual(["out-1", "out-2"]);
  expect(Math.min(...Object.values(results), ...Object.values(seen))).toBeGreaterThanOrEqual(CALLERS * CALLS_A_STEP);

  const late = await signFetch(fetch, profile, { id: "in-1", secret: secretOf("in-1") })(url, { method: "POST" });
  expect(late.status).toBe(403);
  await door.close(0);
  const events = readFileSync(join(stateFolder, "audit.jsonl"), "utf8").trimEnd().split("\n");
  const denials = events.map((line) => JSON.parse(line)).filter(({ kind }) => kind === "denial");
  expect(denials).toMatchObject([{ reason: "REVOKED", details: { keyId: "in-1", problem: "it is revoked" } }]);
});
