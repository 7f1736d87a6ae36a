/** One request, its key and a moment, as the signing tests use them; and random ones. */
import fc from "fast-check";
import { SecretValue } from "../../lib/secret-value.js";
import type { HeaderList, SignableMessage } from "../../lib/signing/message.js";
import type { Freshness, SigningKey, SigningProfile } from "../../lib/signing/profile.js";

export const SECRET_TEXT = "canary-signing-key-1";
export const KEY: SigningKey = { id: "payments-1", secret: new SecretValue(SECRET_TEXT) };
export const OTHER_KEY: SigningKey = { id: "payments-2", secret: new SecretValue("canary-signing-key-2") };
export const AT: Freshness = { timestampSeconds: 1_700_000_000, nonce: "n0-nce_AAAAAAAAA" };
export const NOW = 1_700_000_000_000;

export const ORDER: SignableMessage = {
  method: "POST",
  authority: "api.partner.example",
  target: "/v2/orders?page=2&q=a%2Fb",
  headers: [
    ["Host", "api.partner.example"],
    ["Content-Type", "application/json"],
    ["Accept", "*/*"],
  ],
  body: Buffer.from('{"amount":1200,"currency":"eur"}'),
};

const KEYS = new Map([KEY, OTHER_KEY].map(({ id, secret }) => [id, secret]));
export const keyFor = (id: string) => KEYS.get(id);

export const carrying = (message: SignableMessage, proof: HeaderList): SignableMessage => ({
  ...message,
  headers: [...message.headers, ...proof],
});

export const signedWith = (profile: SigningProfile, message = ORDER, key = KEY, at = AT): SignableMessage =>
  carrying(message, profile.sign(message, key, at));

/** The message with one header's value replaced, or with the header left out. */
export const withHeader = (message: SignableMessage, name: string, value: string | undefined): SignableMessage => ({
  ...message,
  headers: message.headers.flatMap((header) => {
    if (header[0].toLowerCase() !== name) return [header];
    return value === undefined ? [] : [[header[0], value] as const];
  }),
});

export const headerOf = (message: SignableMessage, name: string): string =>
  message.headers.find(([field]) => field.toLowerCase() === name)?.[1] ?? "";

const textOf = (characters: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...characters), { minLength, maxLength, size: "max" }).map((picked) => picked.join(""));

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const VISIBLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join("");

export const anyMessage: fc.Arbitrary<SignableMessage> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PROPFIND", "M-SEARCH"),
    authority: textOf(VISIBLE, 1, 60),
    target: textOf(VISIBLE, 0, 200).map((rest) => `/${rest}`),
    contentType: fc.option(textOf(`${VISIBLE} `, 0, 80), { nil: undefined }),
    others: fc.array(fc.tuple(fc.constantFrom("Accept", "Host", "X-Nonces", "Content-Typo"), fc.string()), { maxLength: 5 }),
    body: fc.uint8Array({ maxLength: 300 }),
  })
  .map(({ contentType, others, ...message }) => ({
    ...message,
    headers: contentType === undefined ? others : [...others, ["Content-Type", contentType] as const],
  }));

export const anyKey: fc.Arbitrary<SigningKey> = fc.record({
  id: textOf(`${ALPHANUMERIC}._-`, 1, 128),
  secret: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => new SecretValue(bytes)),
});

export const anyFreshness: fc.Arbitrary<Freshness> = fc.record({
  timestampSeconds: fc.integer({ min: 1_000_000_000, max: 99_999_999_999 }),
  nonce: textOf(`${ALPHANUMERIC}_-`, 16, 128),
});
