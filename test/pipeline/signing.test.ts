/** A call that the door signs: over exactly what is sent, after everything else was put in. */
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { NOW, SIGNING_KEY, signed, testDoor, valuesOf } from "../fakes/door.js";
import type { SentRequest } from "../fakes/memory-upstream.js";

type Form = "strict" | "plain";

const policyFor = (form: Form, inject: object[] = []) => ({
  signingProfiles: { outgoing: { kind: "hmac", key: "signing-key", keyId: "door-1", form } },
  routes: { api: { owner: "team-test", target: "https://api.example.com:8443/base", sign: "outgoing", inject } },
});

const KEY_IDS: Readonly<Record<Form, string>> = { strict: "door-1", plain: "default" };

const verify = (form: Form, { method, target, headers, body }: SentRequest, key = SIGNING_KEY) =>
  hmacProfile({ form }).verify({ method, authority: "api.example.com:8443", target, headers, body }, () => new SecretValue(key), NOW);

describe.each<Form>(["strict", "plain"])("the %s form", (form) => {
  it("verifies over what the upstream received", async () => {
    const { ask, upstream } = testDoor({ policy: policyFor(form) });
    await ask({ method: "POST", target: "/api/v1/%41?b=2&a=1", body: "x=1", headers: [["Content-Type", "text/plain"]] });
    const [request] = upstream.sent;
    expect(verify(form, request!)).toMatchObject({ keyId: KEY_IDS[form], timestampSeconds: Math.floor(NOW / 1000) });
    expect(verify(form, request!, "another key")).toMatchObject({ denied: "SIGNATURE_INVALID" });
    expect(valuesOf(request!.headers, "host")).toEqual(["api.example.com:8443"]);
  });

  it("breaks when anything that it covers is changed on the way", async () => {
    const { ask, upstream } = testDoor({ policy: policyFor(form) });
    await ask({ method: "POST", body: "x=1", headers: [["content-type", "text/plain"]] });
    const request = upstream.sent[0]!;
    const changes: Partial<SentRequest>[] = [
      { method: "GET" },
      { target: "/base/v1/charges?" },
      { body: Buffer.from("x=2") },
      { headers: request.headers.map(([name, value]) => [name, value.replace("text/plain", "text/html")]) },
    ];
    for (const change of changes) expect(isDenial(verify(form, { ...request, ...change })), Object.keys(change)[0]).toBe(true);
  });

  it("covers an injected query parameter", async () => {
    const { ask, upstream } = testDoor({ policy: policyFor(form, [{ kind: "query", name: "key", secret: "api-key" }]) });
    await ask();
    expect(upstream.sent[0]!.target).toContain("key=canary");
    expect(isDenial(verify(form, upstream.sent[0]!))).toBe(false);
  });

  it("replaces the caller's own signature", async () => {
    const { send, upstream } = testDoor({ policy: policyFor(form) });
    await send(signed({ method: "POST", body: "x=1" }));
    expect(valuesOf(upstream.sent[0]!.headers, "x-signature")).toHaveLength(1);
    expect(isDenial(verify(form, upstream.sent[0]!))).toBe(false);
  });
});

it("signs each call with a nonce of its own", async () => {
  const { ask, upstream } = testDoor({ policy: policyFor("strict") });
  await ask();
  await ask();
  const nonces = upstream.sent.map(({ headers }) => valuesOf(headers, "x-nonce")[0]);
  expect(nonces[0]).toMatch(/^[\w-]{24}$/);
  expect(nonces[0]).not.toBe(nonces[1]);
});

it("takes a signing key of any length but none at all", async () => {
  const { ask, secrets, upstream } = testDoor({ policy: policyFor("strict") });
  secrets.put("signing-key", "k");
  expect(await ask()).toMatchObject({ status: 200 });
  secrets.put("signing-key", "");
  expect(await ask()).toMatchObject({ status: 503, code: "SECRET_TOO_SHORT" });
  expect(upstream.sent).toHaveLength(1);
});

it("names the signing key and its version in the audit", async () => {
  const { ask, audit, metrics } = testDoor({ policy: policyFor("strict") });
  await ask();
  expect(audit.events[0]).toMatchObject({ credentials: [{ name: "signing-key", version: "v1" }] });
  expect(metrics.total("sallyport_credential_uses_total", { route: "api", secret: "signing-key" })).toBe(1);
});
