/**
 * The presets against what the vendors publish. The facts stand here too, so that a lone clone still has them: GitHub's
 * and Slack's documents, and the tests of standard-webhooks, twilio-node and octokit.
 */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { SecretValue } from "../../lib/secret-value.js";
import type { HeaderList, SignableMessage } from "../../lib/signing/message.js";
import { PRESETS, type PresetName, presetProfile } from "../../lib/signing/presets/preset.js";
import { vectorPath } from "./vector-file.js";

interface Fact {
  readonly name: string;
  readonly preset: PresetName;
  readonly secret: string;
  readonly url?: string;
  readonly form?: boolean;
  readonly body: string;
  readonly timestamp?: number;
  readonly nonce?: string;
  /** The headers as the vendor would send them, the signature last. */
  readonly headers: HeaderList;
}

const SLACK_BODY =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

const FACTS: readonly Fact[] = [
  {
    name: "GitHub's documentation",
    preset: "github",
    secret: "It's a Secret to Everybody",
    body: "Hello, World!",
    headers: [["X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"]],
  },
  {
    name: "octokit's test",
    preset: "github",
    secret: "mysecret",
    body: '{"foo":"bar"}',
    headers: [["X-Hub-Signature-256", "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"]],
  },
  {
    name: "Slack's documentation",
    preset: "slack",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    body: SLACK_BODY,
    timestamp: 1_531_420_618,
    headers: [
      ["X-Slack-Request-Timestamp", "1531420618"],
      ["X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"],
    ],
  },
  {
    name: "standard-webhooks' test",
    preset: "standard-webhooks",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    body: '{"test": 2432232314}',
    timestamp: 1_614_265_330,
    nonce: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    headers: [
      ["webhook-timestamp", "1614265330"],
      ["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
      ["webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    ],
  },
  {
    name: "twilio-node's form",
    preset: "twilio",
    secret: "12345",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    form: true,
    body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
    headers: [["X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="]],
  },
  {
    name: "twilio-node's JSON",
    preset: "twilio",
    secret: "12345",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
    body: '{"property": "value", "boolean": true}',
    headers: [["X-Twilio-Signature", "a9nBmqA0ju/hNViExpshrM61xv4="]],
  },
];

const ARRIVAL = 1_700_000_000;

function messageOf({ url = "https://hooks.example/", form = false, body }: Pick<Fact, "url" | "form" | "body">): SignableMessage {
  const [, authority = "", target = ""] = /^https:\/\/([^/]+)(\/.*)$/.exec(url)!;
  return {
    method: "POST",
    authority,
    target,
    headers: form ? [["Content-Type", "application/x-www-form-urlencoded"]] : [],
    body: Buffer.from(body),
  };
}

function expectFact(fact: Fact): void {
  const { preset, secret: text, timestamp = ARRIVAL, nonce = "nonce-0123456789", headers } = fact;
  const profile = presetProfile(preset);
  const message = messageOf(fact);
  const secret = new SecretValue(text);
  expect(profile.sign(message, { id: "default", secret }, { timestampSeconds: timestamp, nonce })).toEqual(headers);
  const received = { ...message, headers: [...message.headers, ...headers] };
  expect(profile.verify(received, () => secret, timestamp * 1000)).toMatchObject({ keyId: "default", timestampSeconds: timestamp });
  const altered = { ...received, body: Buffer.concat([message.body as Uint8Array, Buffer.from("&x=y")]) };
  expect(profile.verify(altered, () => secret, timestamp * 1000)).toMatchObject({ denied: "SIGNATURE_INVALID" });
}

describe("a preset signs and verifies", () => {
  it.each(FACTS)("$name", (fact) => expectFact(fact));

  // Stripe and Shopify publish no fixed example: their description, written out apart from the code under test.
  it("what Stripe's documentation describes", () => {
    const hex = createHmac("sha256", "whsec_test_secret").update('1492774577.{"object":"event"}').digest("hex");
    const fact = { preset: "stripe", secret: "whsec_test_secret", body: '{"object":"event"}', timestamp: 1_492_774_577 } as const;
    expectFact({ ...fact, name: "", headers: [["Stripe-Signature", `t=1492774577,v1=${hex}`]] });
  });

  it("what Shopify's documentation describes", () => {
    const base64 = createHmac("sha256", "shpss_secret").update('{"id":1}').digest("base64");
    expectFact({ name: "", preset: "shopify", secret: "shpss_secret", body: '{"id":1}', headers: [["X-Shopify-Hmac-Sha256", base64]] });
  });
});

describe("the published file of vendor vectors", () => {
  const path = vectorPath("vendors/vendor-vectors.json");
  if (path === undefined) {
    it("is absent, and its facts stand in this test", () => expect(FACTS).toHaveLength(6));
    return;
  }

  interface Vector {
    readonly name: string;
    readonly header: string;
    readonly expected: string;
    readonly secret?: string;
    readonly secretBase64?: string;
    readonly url?: string;
    readonly params?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timestamp?: string;
    readonly id?: string;
  }
  const vectors: readonly Vector[] = JSON.parse(readFileSync(path, "utf8"));
  const presetOf = (header: string): PresetName =>
    (Object.keys(PRESETS) as PresetName[]).find((name) => PRESETS[name].signature.header.toLowerCase() === header.toLowerCase())!;

  it("has six", () => expect(vectors).toHaveLength(6));

  it.each(vectors)("$name", ({ header, expected, secret, secretBase64, url, params, body, timestamp, id }) => {
    const preset = presetOf(header);
    const message = messageOf({
      ...(url !== undefined && { url }),
      form: params !== undefined,
      body: params === undefined ? body! : new URLSearchParams(params).toString(),
    });
    const key = { id: "default", secret: new SecretValue(secret ?? secretBase64!) };
    const at = { timestampSeconds: Number(timestamp ?? ARRIVAL), nonce: id ?? "nonce-0123456789" };
    const profile = presetProfile(preset);
    const proof = profile.sign(message, key, at);
    expect(proof.find(([name]) => name.toLowerCase() === header.toLowerCase())?.[1]).toBe(expected);
    const verified = profile.verify({ ...message, headers: [...message.headers, ...proof] }, () => key.secret, at.timestampSeconds * 1000);
    expect(isDenial(verified)).toBe(false);
  });
});

describe("standard-webhooks and the library of that name", () => {
  const now = Date.now();
  const profile = presetProfile("standard-webhooks");
  const id = fc.stringMatching(/^msg_[A-Za-z0-9]{1,40}$/);
  const age = fc.integer({ min: -290, max: 290 });
  const delivery = fc.record({ key: fc.uint8Array({ minLength: 1, maxLength: 64 }), id, age, payload: fc.json() });

  it("sign 10,000 random deliveries alike", () => {
    fc.assert(
      fc.property(delivery, ({ key, id, age, payload }) => {
        const secret = Buffer.from(key).toString("base64");
        const timestampSeconds = Math.floor(now / 1000) + age;
        const theirs = new Webhook(secret).sign(id, new Date(timestampSeconds * 1000), payload);
        const message = messageOf({ body: payload });
        const at = { timestampSeconds, nonce: id };
        const proof = new Map(profile.sign(message, { id: "default", secret: new SecretValue(`whsec_${secret}`) }, at));
        expect([...proof]).toEqual(
          expect.arrayContaining([
            ["webhook-id", id],
            ["webhook-timestamp", String(timestampSeconds)],
            ["webhook-signature", theirs],
          ]),
        );
      }),
      { numRuns: 10_000 },
    );
  });

  it("judge 10,000 random deliveries alike, whole, altered or late", () => {
    const alteration = fc.constantFrom("none", "payload", "id", "timestamp", "signature", "age");
    fc.assert(
      fc.property(delivery, alteration, fc.boolean(), ({ key, id, age, payload }, what, isRotating) => {
        const secret = Buffer.from(key).toString("base64");
        const timestampSeconds = Math.floor(now / 1000) + (what === "age" ? age * 10 : age);
        const theirs = new Webhook(secret);
        const good = theirs.sign(id, new Date(timestampSeconds * 1000), payload);
        const signature = what === "signature" ? `v1,${Buffer.alloc(32).toString("base64")}` : good;
        const other = new Webhook(Buffer.from("another key").toString("base64")).sign(id, new Date(timestampSeconds * 1000), payload);
        const fields = {
          "webhook-id": what === "id" ? `${id}x` : id,
          "webhook-timestamp": String(what === "timestamp" ? timestampSeconds + 1 : timestampSeconds),
          "webhook-signature": isRotating ? `${other} ${signature}` : signature,
        };
        const body = what === "payload" ? `${payload} ` : payload;
        const ours = profile.verify(
          { ...messageOf({ body }), headers: Object.entries(fields) },
          () => new SecretValue(secret),
          Math.floor(Date.now() / 1000) * 1000,
        );
        let accepts = true;
        try {
          theirs.verify(body, fields, { jsonParse: false });
        } catch {
          accepts = false;
        }
        expect(!isDenial(ours)).toBe(accepts);
      }),
      { numRuns: 10_000 },
    );
  });

  // The specification names the header's parts; the library reads a timestamp with parseInt, so it takes what no sender writes.
  it("differ where the library is lax: `1700000000x` is no timestamp (Standard Webhooks, webhook headers)", () => {
    const secret = Buffer.from("a key of 24 bytes, or so").toString("base64");
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const signature = new Webhook(secret).sign("msg_1", new Date(timestampSeconds * 1000), "{}");
    const fields = { "webhook-id": "msg_1", "webhook-timestamp": `${timestampSeconds}x`, "webhook-signature": signature };
    expect(new Webhook(secret).verify("{}", fields)).toEqual({});
    const message = { ...messageOf({ body: "{}" }), headers: Object.entries(fields) };
    expect(profile.verify(message, () => new SecretValue(secret), timestampSeconds * 1000)).toMatchObject({ denied: "PROOF_MALFORMED" });
  });
});
