/** A call that the door signs: over exactly what is sent, after everything else was put in. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import type { SigningProfile as ProfileDocument } from "../../lib/policy/document.generated.js";
import { signatureHeaders } from "../../lib/policy/signature-headers.js";
import { SecretValue } from "../../lib/secret-value.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { awsProfile } from "../../lib/signing/presets/aws.js";
import { PRESETS, type PresetName, presetProfile } from "../../lib/signing/presets/preset.js";
import type { SigningProfile } from "../../lib/signing/profile.js";
import { rfc9421Profile } from "../../lib/signing/rfc9421.js";
import { NOW, SIGNING_KEY, signed, type TestRequest, testDoor, valuesOf } from "../fakes/door.js";
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

describe("every other kind verifies over what the upstream received:", () => {
  const ed25519 = generateKeyPairSync("ed25519");
  const privatePem = ed25519.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const publicPem = ed25519.publicKey.export({ type: "spki", format: "pem" }) as string;

  interface Kind {
    readonly what: string;
    readonly entry: ProfileDocument;
    readonly profile: SigningProfile;
    readonly signingKey?: string;
    readonly verifyingKey?: string;
  }
  const aws = (service: string): Kind => {
    const scope = { region: "eu-west-1", service };
    return { what: `sigv4 for ${service}`, entry: { kind: "sigv4", ...scope }, profile: awsProfile(scope) };
  };
  const rfc9421 = (algorithm: "hmac-sha256" | "ed25519", keys: Pick<Kind, "signingKey" | "verifyingKey"> = {}): Kind => {
    const profile = rfc9421Profile({ name: "v", algorithm, components: ["@method", "@authority", "@path", "@query"] });
    return { what: `rfc9421 with ${algorithm}`, entry: { kind: "rfc9421", algorithm }, profile, ...keys };
  };
  const preset = (name: PresetName, keys: Pick<Kind, "signingKey"> = {}): Kind => ({
    what: name,
    entry: { kind: "preset", preset: name, ...("weak" in PRESETS[name] && { weak: true }) },
    profile: presetProfile(name),
    ...keys,
  });
  const KINDS: readonly Kind[] = [
    rfc9421("hmac-sha256"),
    rfc9421("ed25519", { signingKey: privatePem, verifyingKey: publicPem }),
    aws("execute-api"),
    aws("s3"),
    ...(["stripe", "slack", "github", "shopify", "twilio"] as const).map((name) => preset(name)),
    preset("standard-webhooks", { signingKey: Buffer.from(SIGNING_KEY).toString("base64") }),
  ];

  const send = async (entry: ProfileDocument, signingKey: string, request: TestRequest) => {
    const { ask, upstream, secrets } = testDoor({
      policy: {
        signingProfiles: { outgoing: { key: "signing-key", keyId: "door-1", ...entry } },
        routes: { api: { owner: "team-test", target: "https://api.example.com:8443/base", sign: "outgoing" } },
      },
    });
    secrets.put("signing-key", signingKey);
    expect(await ask({ method: "POST", ...request })).toMatchObject({ status: 200 });
    return { ...upstream.sent[0]!, authority: "api.example.com:8443" };
  };

  it.each(KINDS)("$what", async ({ entry, profile, signingKey = SIGNING_KEY, verifyingKey = signingKey }) => {
    const headers = [["content-type", "application/x-www-form-urlencoded"] as const];
    const received = await send(entry, signingKey, { target: "/api/v1/%41?b=2&a=1", body: "x=1&a=b", headers });
    const keyFor = () => new SecretValue(verifyingKey);
    expect(profile.verify(received, keyFor, NOW)).toMatchObject({ keyId: expect.stringMatching(/^(door-1|default)$/) });
    expect(isDenial(profile.verify({ ...received, body: Buffer.from("x=2&a=b") }, keyFor, NOW))).toBe(true);
  });

  it.each(KINDS)(
    "$what, also where the caller sent its headers",
    async ({ entry, profile, signingKey = SIGNING_KEY, verifyingKey = signingKey }) => {
      const forged = signatureHeaders(entry).map((name) => [name.replaceAll("-", "_").toUpperCase(), "forged"] as const);
      const received = await send(entry, signingKey, { headers: forged });
      expect(received.headers.filter(([, value]) => value === "forged")).toEqual([]);
      expect(isDenial(profile.verify(received, () => new SecretValue(verifyingKey), NOW))).toBe(false);
    },
  );

  it.each(KINDS)("$what adds no header but those that are its own", ({ entry, profile, signingKey = SIGNING_KEY }) => {
    const message = { method: "POST", authority: "a.example", target: "/", headers: [], body: new Uint8Array() };
    const at = { timestampSeconds: Math.floor(NOW / 1000), nonce: "nonce-0123456789" };
    const added = profile.sign(message, { id: "door-1", secret: new SecretValue(signingKey) }, at);
    expect(signatureHeaders(entry)).toEqual(expect.arrayContaining(added.map(([name]) => name.toLowerCase())));
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
