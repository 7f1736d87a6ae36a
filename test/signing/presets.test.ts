import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import { awsProfile } from "../../lib/signing/presets/aws.js";
import { PRESETS, type PresetName, presetProfile } from "../../lib/signing/presets/preset.js";
import { sigv4Profile } from "../../lib/signing/sigv4/sigv4.js";
import schema from "../../schemas/policy.schema.json";
import { problemsOf } from "../policy/sample-policy.js";
import { AT, KEY, NOW, ORDER, signedWith } from "./messages.js";

const NAMES = Object.keys(PRESETS) as PresetName[];
const secret = new SecretValue("d2hhdGV2ZXIgaXQgaXM=");

describe("presetProfile", () => {
  it.each(NAMES)("%s verifies what it signs, under the key id and name of its user", (name) => {
    const profile = presetProfile(name, { name: "mine", keyId: "k-1", windowSeconds: 10 });
    const order = { ...ORDER, body: new Uint8Array() };
    const verified = profile.verify(signedWith(profile, order, { id: "k-1", secret }), (id) => (id === "k-1" ? secret : undefined), NOW);
    expect(verified).toMatchObject({
      keyId: "k-1",
      claim: expect.stringMatching(/^[0-9]+:mine:k-1:[0-9a-f]{64}$/),
      expiresAtMs: NOW + 10_000,
    });
  });

  it.each(["stripe", "slack", "standard-webhooks"] as const)("%s is strong, and gets old to the millisecond", (name) => {
    expect(PRESETS[name]).not.toHaveProperty("weak");
    const profile = presetProfile(name);
    const signed = signedWith(profile, ORDER, { ...KEY, secret }, AT);
    expect(profile.verify(signed, () => secret, NOW + 300_000)).toMatchObject({ timestampSeconds: NOW / 1000 });
    expect(profile.verify(signed, () => secret, NOW + 300_001)).toMatchObject({ denied: "TIMESTAMP_OUTSIDE_WINDOW" });
  });

  it.each(["github", "shopify", "twilio"] as const)("%s says that it is weak", (name) => {
    expect(PRESETS[name].weak).toBe(true);
  });

  it("refuses a name that no preset has, also one of Object.prototype", () => {
    for (const name of ["strype", "constructor"]) {
      expect(() => presetProfile(name as PresetName)).toThrow("INPUT_INVALID: preset: expected stripe, github, slack");
    }
  });
});

it("the policy knows the same presets, and the same of them as weak", () => {
  expect(schema.$defs.presetProfile.properties.preset.enum).toEqual(NAMES);
  const weak = NAMES.filter((preset) =>
    problemsOf((policy) => {
      policy.signingProfiles.p = { kind: "preset", preset, key: "vendor-key" };
    }).some(({ rule }) => rule === "weak-signature"),
  );
  expect(weak).toEqual(NAMES.filter((name) => "weak" in PRESETS[name]));
});

describe("awsProfile", () => {
  const message = { ...ORDER, target: "/a%20b/./c" };
  const key = { id: "AKIDEXAMPLE", secret: KEY.secret };

  it.each(["s3", "s3express", "s3-outposts", "s3-object-lambda"])("encodes a path once for %s", (service) => {
    const proof = awsProfile({ region: "eu-west-1", service }).sign(message, key, AT);
    expect(proof).toEqual(sigv4Profile({ region: "eu-west-1", service, s3: true }).sign(message, key, AT));
    expect(proof.map(([name]) => name.toLowerCase())).toContain("x-amz-content-sha256");
  });

  it("normalizes and encodes it twice for any other service", () => {
    const scope = { region: "eu-west-1", service: "execute-api" };
    expect(awsProfile(scope).sign(message, key, AT)).toEqual(sigv4Profile({ ...scope, s3: false }).sign(message, key, AT));
  });
});
