/** How signing profiles and a caller's keys stand in the document, and what of them fails synthesis. */
import { Caller, Route, Secret, SigningProfile } from "sallyport/constructs";
import { expect, test } from "vitest";
import { doorIn, synthesized } from "./synthesized.js";

function rightDoor() {
  const { stack, door } = doorIn("egress");
  const key = new Secret(door, "key", { allowedHosts: ["api.vendor.example"], maxAgeDays: 90 });
  const next = new Secret(door, "next-key", { allowedHosts: ["api.vendor.example"], maxAgeDays: 90 });
  const route = (id: string, sign: SigningProfile): void => {
    new Route(door, id, { owner: "team", target: "https://api.vendor.example", sign }).allow("all", caller, { requests: ["GET /**"] });
  };
  const keys = { "app-2025": { key, state: "verify-only", notAfter: "2026-02-01T00:00:00Z" }, "app-2026": { key: next } } as const;
  const caller = Caller.hmac(door, "app", { keys });
  return { stack, door, key, next, route, keys };
}

test("every kind of profile, and keys that overlap, stand in the document", () => {
  const { stack, door, key, route, keys } = rightDoor();
  route("a", SigningProfile.rfc9421(door, "message", { key, algorithm: "ed25519" }));
  route("b", SigningProfile.sigv4(door, "aws", { key, keyId: "AKIDEXAMPLE", region: "eu-west-1", service: "s3" }));
  route("c", SigningProfile.preset(door, "webhook", { key, preset: "github", weak: true }));
  route("d", SigningProfile.hmac(door, "rotating", { keys }));
  expect(() => synthesized(stack)).not.toThrow();
  const document = JSON.parse(door.policy.text());
  const expected = { "app-2025": { key: "key", state: "verify-only", notAfter: "2026-02-01T00:00:00Z" }, "app-2026": { key: "next-key" } };
  expect(document.callers.app).toEqual({ kind: "hmac", keys: expected });
  expect(document.signingProfiles).toEqual({
    message: { kind: "rfc9421", key: "key", algorithm: "ed25519" },
    aws: { kind: "sigv4", key: "key", keyId: "AKIDEXAMPLE", region: "eu-west-1", service: "s3" },
    webhook: { kind: "preset", key: "key", preset: "github", weak: true },
    rotating: { kind: "hmac", keys: expected },
  });
});

test("the signer may read every key that overlaps", () => {
  const { stack, door, route, keys } = rightDoor();
  route("a", SigningProfile.hmac(door, "rotating", { keys }));
  synthesized(stack);
  expect(door.policy.inUse().map(({ entryName }) => entryName)).toEqual(expect.arrayContaining(["key", "next-key"]));
});

test.each([
  [
    "a weak preset that does not say so",
    ({ door, key }: ReturnType<typeof rightDoor>) => SigningProfile.preset(door, "webhook", { key, preset: "shopify" }),
    "[egress/door/webhook] [weak-signature]",
  ],
  ["no key at all", ({ door }: ReturnType<typeof rightDoor>) => SigningProfile.hmac(door, "p", {}), "[egress/door/p] [signing-keys]"],
  [
    "a literal where a Secret belongs",
    ({ door }: ReturnType<typeof rightDoor>) =>
      SigningProfile.hmac(door, "p", { keys: { a: { key: "canary-literal-0123456789" as never } } }),
    "[egress/door/p] [literal-secret]",
  ],
])("%s fails synthesis at its own construct", (_, misuse, told) => {
  const right = rightDoor();
  right.route("a", misuse(right));
  expect(() => synthesized(right.stack)).toThrow(told);
});
