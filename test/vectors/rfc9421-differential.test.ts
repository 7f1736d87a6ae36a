/**
 * Random requests against http-message-signatures, both ways, where both follow the RFC; and, each by its paragraph, where
 * they differ.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { type Algorithm, createSigner, createVerifier, httpbis, type Request } from "http-message-signatures";
import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import type { Header, SignableMessage } from "../../lib/signing/message.js";
import type { SigningKey } from "../../lib/signing/profile.js";
import { type Component, type ComponentIdentifier, componentNamed } from "../../lib/signing/rfc9421/component.js";
import { KNOWN_FIELD_TYPES } from "../../lib/signing/rfc9421/field-value.js";
import type { Rfc9421Options } from "../../lib/signing/rfc9421/options.js";
import { signatureBase } from "../../lib/signing/rfc9421/signature-base.js";
import { rfc9421Profile } from "../../lib/signing/rfc9421.js";
import { AT, carrying, NOW } from "../signing/messages.js";

const RUNS = 10_000;
const TIMEOUT_MS = 240_000;

interface Keys {
  readonly ours: SigningKey;
  readonly sign: ReturnType<typeof createSigner>;
  readonly verify: ReturnType<typeof createVerifier>;
}

function asymmetric(algorithm: Algorithm, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): [Algorithm, Keys] {
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const ours = { id: "key-1", secret: new SecretValue(pem.toString()) };
  return [algorithm, { ours, sign: createSigner(privateKey, algorithm, "key-1"), verify: createVerifier(publicKey, algorithm) }];
}

const SECRET = Buffer.from("canary-signing-key-1");
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KEYS = new Map<string, Keys>([
  [
    "hmac-sha256",
    {
      ours: { id: "key-1", secret: new SecretValue(SECRET) },
      sign: createSigner(SECRET, "hmac-sha256", "key-1"),
      verify: createVerifier(SECRET, "hmac-sha256"),
    },
  ],
  asymmetric("ed25519", generateKeyPairSync("ed25519")),
  asymmetric("ecdsa-p256-sha256", generateKeyPairSync("ec", { namedCurve: "P-256" })),
  asymmetric("ecdsa-p384-sha384", generateKeyPairSync("ec", { namedCurve: "P-384" })),
  asymmetric("rsa-pss-sha512", RSA),
  asymmetric("rsa-v1_5-sha256", RSA),
]);

const textOf = (characters: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...characters), { minLength, maxLength }).map((picked) => picked.join(""));
const WORD = "abcxyzABCXYZ0189-_";

const anySegment = fc.oneof(
  textOf(`${WORD}!$&()*+,;=:@~`, 1, 8),
  fc.constantFrom("%2F", "%C3%A4", "a%20b", "...", "."),
  textOf(WORD, 1, 4),
);
const anyPath = fc
  .array(
    anySegment.filter((segment) => segment !== "."),
    { maxLength: 4 },
  )
  .map((segments) => `/${segments.join("/")}`);
const anyPair = fc.tuple(
  textOf(WORD, 1, 6),
  fc
    .array(fc.oneof(textOf(`${WORD}.`, 1, 4), fc.constantFrom("+", "%2B", "%20", "%C3%BC", "%7E", "/", "?", "%22")), { maxLength: 4 })
    .map((parts) => parts.join("").replaceAll("%7E", "x")),
);
const anyQuery = fc.uniqueArray(anyPair, { minLength: 1, maxLength: 4, selector: ([name]) => name });

const anyFieldValue = fc.oneof(textOf(`${WORD} ,;="'/()`, 0, 20), fc.constantFrom("  padded  ", "", "a,b , c", "tab\tinside"));
const FIELD_NAMES = ["Accept", "Content-Type", "X-Long-Header-Name", "x_underscored", "Date"];
const anyFields = fc.array(fc.tuple(fc.constantFrom(...FIELD_NAMES), anyFieldValue), { maxLength: 6 });
const anyDictionary = fc.dictionary(
  textOf("abcdef", 1, 3),
  fc.constantFrom("1", '"text"', ":AAEC:", "tok/en", "?0", "1.5;x;y=2", "(a  b)"),
  {
    minKeys: 1,
    maxKeys: 3,
  },
);

interface Case {
  readonly message: SignableMessage;
  readonly url: string;
  readonly components: readonly Component[];
  readonly algorithm: Rfc9421Options["algorithm"];
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    algorithm: fc.oneof(
      { weight: 70, arbitrary: fc.constant("hmac-sha256" as const) },
      { weight: 12, arbitrary: fc.constant("ed25519" as const) },
      { weight: 12, arbitrary: fc.constant("ecdsa-p256-sha256" as const) },
      { weight: 2, arbitrary: fc.constant("ecdsa-p384-sha384" as const) },
      { weight: 2, arbitrary: fc.constant("rsa-pss-sha512" as const) },
      { weight: 2, arbitrary: fc.constant("rsa-v1_5-sha256" as const) },
    ),
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PROPFIND", "M-SEARCH"),
    authority: fc.constantFrom(
      "api.partner.example",
      "API.Partner.Example",
      "api.partner.example:8443",
      "api.partner.example:443",
      "[2001:db8::1]:444",
    ),
    path: anyPath,
    query: fc.option(anyQuery, { nil: undefined }),
    fields: anyFields,
    dictionary: anyDictionary,
    body: fc.uint8Array({ maxLength: 40 }),
    bare: fc.subarray(["@method", "@authority", "@scheme", "@path", "@query", "@target-uri", "@request-target"]),
    binary: fc.boolean(),
    picks: fc.infiniteStream(fc.boolean()),
  })
  .map(({ algorithm, method, authority, path, query, fields, dictionary, body, bare, binary, picks }) => {
    const target = query === undefined ? path : `${path}?${query.map((pair) => pair.join("=")).join("&")}`;
    const members = Object.entries(dictionary).map(([key, value]) => `${key}=${value}`);
    const headers: Header[] = [...fields, ["Example-Dict", members.join(",  ")]];
    const chosen = <T>(all: Iterable<T>) => [...all].filter(() => picks.next().value);
    const names = new Set(fields.map(([name]) => name.toLowerCase()));
    const identifiers: ComponentIdentifier[] = [
      ...bare,
      ...chosen(names).map((name) => (binary ? ([name, { bs: true }] as const) : name)),
      ...chosen(Object.keys(dictionary)).map((key) => ["example-dict", { key }] as const),
      ...chosen(["example-dict"]),
      ...chosen(query ?? []).map(([name]) => ["@query-param", { name }] as const),
    ];
    const components = identifiers.map((identifier) => componentNamed(identifier)!);
    return { algorithm, components, url: `https://${authority}${target}`, message: { method, authority, target, headers, body } };
  });

const profileOf = ({ algorithm, components }: Case) =>
  rfc9421Profile({
    name: "differential",
    algorithm,
    components: components.map(({ name, parameters }) => [name, parameters] as const),
    requireNonce: false,
    coverBody: false,
    fieldTypes: { "example-dict": "dictionary" },
    label: "sig",
    weak: true,
  });

/** A request as the library takes it: values of one name as an array. */
function peerRequest({ message: { method, headers }, url }: Pick<Case, "message" | "url">): Request {
  const byName: Record<string, string[]> = {};
  for (const [name, value] of headers) byName[name.toLowerCase()] = [...(byName[name.toLowerCase()] ?? []), value];
  return { method, url: new URL(url), headers: byName };
}

describe("beside http-message-signatures", () => {
  it(`signs what it accepts: ${RUNS} random requests`, { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        const { ours, verify } = KEYS.get(one.algorithm)!;
        const signed = carrying(one.message, profileOf(one).sign(one.message, ours, AT));
        const keyLookup = async () => ({ id: ours.id, algs: [one.algorithm], verify });
        expect(await httpbis.verifyMessage({ keyLookup, notAfter: AT.timestampSeconds }, peerRequest({ ...one, message: signed }))).toBe(
          true,
        );
      }),
      { numRuns: RUNS },
    );
  });

  it(`accepts what it signs, and refuses it for another method: ${RUNS} random requests`, { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        fc.pre(one.algorithm !== "rsa-pss-sha512"); // see the differences
        const { ours, sign } = KEYS.get(one.algorithm)!;
        const fields = one.components.map(({ text }) => text);
        const config = { key: sign, fields, params: ["created", "keyid", "alg"], paramValues: { created: new Date(NOW) } };
        const { headers } = await httpbis.signMessage(config, peerRequest(one));
        const proof = ["Signature-Input", "Signature"].map((name): Header => [name, String(headers[name])]);
        const signed = carrying(one.message, proof);
        expect(profileOf(one).verify(signed, () => ours.secret, NOW)).toMatchObject({ keyId: "key-1" });
        if (one.components.some(({ name }) => name === "@method")) {
          expect(profileOf(one).verify({ ...signed, method: "PATCH" }, () => ours.secret, NOW)).toMatchObject({
            denied: "SIGNATURE_INVALID",
          });
        }
      }),
      { numRuns: RUNS },
    );
  });
});

const REQUEST: SignableMessage = { method: "GET", authority: "a.example", target: "/", headers: [], body: new Uint8Array() };

/** What stands behind the component in our base; undefined when we refuse it. */
function oursOf(identifier: ComponentIdentifier, message: Partial<SignableMessage>): string | undefined {
  const component = componentNamed(identifier)!;
  const fieldTypes = { ...KNOWN_FIELD_TYPES, "example-dict": "dictionary" as const };
  const base = signatureBase({ ...REQUEST, ...message }, [component], "()", { scheme: "https", fieldTypes });
  return typeof base !== "string" ? undefined : base.slice(component.text.length + 2, base.lastIndexOf("\n"));
}

/** The same in the library's; several lines joined by LF. */
function theirsOf(identifier: ComponentIdentifier, message: Partial<SignableMessage>): string {
  const request = { ...REQUEST, ...message };
  const field = componentNamed(identifier)!.text;
  const peer = peerRequest({ message: request, url: `https://${request.authority}${request.target}` });
  return httpbis.createSignatureBase({ fields: [field] }, peer)[0]![1].join("\n");
}

// Every line: we follow the paragraph, the library does not.
describe("differs from http-message-signatures, by the RFC's word:", () => {
  // biome-ignore format: one row a difference
  it.each<[what: string, identifier: ComponentIdentifier, message: Partial<SignableMessage>, ours: string | undefined, theirs: string]>([
    ["2.2.1: methods are case-sensitive, it writes capitals", "@method", { method: "purge" }, "purge", "PURGE"],
    ["2.2.6: a path is compared as sent, it resolves dot segments", "@path", { target: "/a/../b" }, "/a/../b", "/b"],
    ["2.2.5: the target as it is on the wire, it resolves dot segments", "@request-target", { target: "/a/./b" }, "/a/./b", "/a/b"],
    ["2.2.5: the target as it is on the wire, it drops an empty query", "@request-target", { target: "/a?" }, "/a?", "/a"],
    ["2.2.7: the query is not decoded or encoded, it escapes quotes", "@query", { target: "/?q='" }, "?q='", "?q=%27"],
    ["2.2.8: a name that occurs twice must not be covered, it writes two lines", ["@query-param", { name: "a" }], { target: "/?a=1&a=2" }, undefined, "1\n2"],
    ["2.2.8: the form encoding escapes ~, it does not", ["@query-param", { name: "a" }], { target: "/?a=~" }, "%7E", "~"],
    ["2.2.8: the form encoding escapes !'(), it does not", ["@query-param", { name: "a" }], { target: "/?a=!()" }, "%21%28%29", "!()"],
    ["2.1.3: bs holds the bytes of the line, it encodes them as UTF-8", ["x-name", { bs: true }], { headers: [["X-Name", "\xe4"]] }, ":5A==:", ":w6Q=:"],
    ["2.1: values outside ASCII need bs, it signs them", "x-name", { headers: [["X-Name", "\xe4"]] }, undefined, "\xe4"],
    ["RFC 9651 4.1.5: a decimal keeps its fraction, it drops .0 (we refuse)", ["example-dict", { key: "a" }], { headers: [["Example-Dict", "a=1.0"]] }, undefined, "1"],
  ])("%s", (_, identifier, message, ours, theirs) => {
    expect(oursOf(identifier, message)).toBe(ours);
    expect(theirsOf(identifier, message)).toBe(theirs);
  });

  it("2.1.2: a dictionary of flags is a dictionary, it takes it for a list", () => {
    const message = { headers: [["Example-Dict", "a, b"] as const] };
    expect(oursOf(["example-dict", { key: "a" }], message)).toBe("?1");
    expect(() => theirsOf(["example-dict", { key: "a" }], message)).toThrow("Unable to parse header as dictionary");
  });

  it("3.3.1: the salt of RSA-PSS has 64 bytes, it takes as many as the key has room for", async () => {
    const { ours, sign } = KEYS.get("rsa-pss-sha512")!;
    const config = { key: sign, fields: ['"@method"'], params: ["created", "keyid"], paramValues: { created: new Date(NOW) } };
    const { headers } = await httpbis.signMessage(config, peerRequest({ message: REQUEST, url: "https://a.example/" }));
    const signed = carrying(REQUEST, [
      ["Signature-Input", String(headers["Signature-Input"])],
      ["Signature", String(headers.Signature)],
    ]);
    const profile = profileOf({ message: REQUEST, url: "", components: [], algorithm: "rsa-pss-sha512" });
    expect(profile.verify(signed, () => ours.secret, NOW)).toMatchObject({ denied: "SIGNATURE_INVALID", details: { part: "signature" } });
  });
});
