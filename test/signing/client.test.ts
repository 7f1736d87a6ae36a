import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isDenial } from "../../lib/errors.js";
import { headerList } from "../../lib/http/headers.js";
import { canonicalTarget } from "../../lib/signing/canonical-target.js";
import { type SignFetchOptions, signFetch } from "../../lib/signing/client.js";
import { hmacProfile } from "../../lib/signing/hmac.js";
import { keyring } from "../../lib/signing/keyring.js";
import type { SignableMessage } from "../../lib/signing/message.js";
import { awsProfile } from "../../lib/signing/presets/aws.js";
import { presetProfile } from "../../lib/signing/presets/preset.js";
import type { SigningProfile } from "../../lib/signing/profile.js";
import { rfc9421Profile } from "../../lib/signing/rfc9421.js";
import { sigv4Profile } from "../../lib/signing/sigv4/sigv4.js";
import { KEY, keyFor, NOW } from "./messages.js";

const strict = hmacProfile({ form: "strict" });
const received: SignableMessage[] = [];
let origin = "";

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  void buffer(request).then((body) => {
    const { method = "", url = "", headers, rawHeaders } = request;
    received.push({ method, target: url, authority: headers.host!, headers: headerList(rawHeaders), body });
    if (url.startsWith("/moved")) response.writeHead(307, { location: "/elsewhere" });
    response.end("ok");
  });
});
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const client = (options: SignFetchOptions = {}, profile: SigningProfile = strict) =>
  signFetch(fetch, profile, KEY, { now: () => NOW, ...options });
/** What arrived last, judged as a door would. */
const verdict = (profile: SigningProfile = strict) => profile.verify(received.at(-1)!, keyFor, NOW);

describe("signFetch", () => {
  const form = new FormData();
  form.set("file", new Blob(["bytes"]), "a.bin");

  // biome-ignore format: one row a case
  it.each<[what: string, path: string, init: RequestInit | undefined, contentType: string | RegExp | undefined]>([
    ["no body", "/v1/charges", undefined, undefined],
    ["dot segments, escapes and a fragment in the URL", "/a/../b/%7e?x=ä b&y=[1]#part", undefined, undefined],
    ["text, and the content type that fetch gives it", "/", { method: "POST", body: "añb" }, "text/plain;charset=UTF-8"],
    ["text of a type of its own", "/", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }, "application/json"],
    ["a form's pairs", "/", { method: "PUT", body: new URLSearchParams({ a: "1 2" }) }, "application/x-www-form-urlencoded;charset=UTF-8"],
    ["a form with a file", "/", { method: "POST", body: form }, /^multipart\/form-data; boundary=/],
    ["a Blob", "/", { method: "POST", body: new Blob(["x"], { type: "image/png" }) }, "image/png"],
    ["bytes", "/", { method: "POST", body: Buffer.from([0, 255, 10]) }, undefined],
    ["an empty text", "/", { method: "POST", body: "" }, "text/plain;charset=UTF-8"],
    ["a method in lower case", "/", { method: "post", body: "x" }, "text/plain;charset=UTF-8"],
    ["a header twice", "/", { headers: [["x-a", "1"], ["x-a", "2"]] }, undefined],
  ])("signs what arrives: %s", async (_, path, init, contentType) => {
    const response = await client()(origin + path, init);
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    expect(verdict()).toMatchObject({ keyId: KEY.id });
    const sent = received.at(-1)!.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    if (contentType instanceof RegExp) expect(sent).toMatch(contentType);
    else expect(sent).toBe(contentType);
  });

  it("takes a URL, or a Request with a body of its own", async () => {
    await client()(new URL("/url", origin));
    expect(verdict()).toMatchObject({ keyId: KEY.id });
    await client()(new Request(`${origin}/request`, { method: "PATCH", body: "a body" }));
    expect(received.at(-1)).toMatchObject({ method: "PATCH", target: "/request", body: Buffer.from("a body") });
    expect(verdict()).toMatchObject({ keyId: KEY.id });
  });

  it("signs with a nonce of its own each time", async () => {
    const claims = [];
    for (let call = 0; call < 2; call++) {
      await client()(origin);
      const verified = verdict();
      claims.push(isDenial(verified) ? verified.denied : verified.claim);
    }
    expect(claims[0]).not.toBe(claims[1]);
  });

  it("asks for the key each time it is given a chooser, such as a keyring", async () => {
    let now = NOW - 1;
    const ring = keyring([
      { id: "payments-1", profile: "door", direction: "sign", secret: KEY.secret },
      { id: "payments-2", profile: "door", direction: "sign", notBefore: NOW, secret: keyFor("payments-2")! },
    ]);
    const signed = signFetch(fetch, strict, () => ring.signingKey("door", now), { now: () => NOW });
    await signed(origin);
    expect(verdict()).toMatchObject({ keyId: "payments-1" });
    now = NOW;
    await signed(origin);
    expect(verdict()).toMatchObject({ keyId: "payments-2" });
  });

  it.each([
    ["a web stream", new Blob(["x"]).stream()],
    ["a Node stream", Readable.from(["x"])],
    ["a generator", (async function* () {})()],
  ])("refuses %s", async (_, body) => {
    const before = received.length;
    const call = client()(origin, { method: "POST", body: body as never, duplex: "half" } as RequestInit);
    await expect(call).rejects.toThrow("INPUT_INVALID: body: expected text, bytes, a form or a Blob: a stream cannot be signed");
    expect(received).toHaveLength(before);
  });

  it("hands a redirect back, for its target is not signed", async () => {
    const response = await client()(`${origin}/moved`);
    expect([response.status, response.headers.get("location")]).toEqual([307, "/elsewhere"]);
    await expect(client()(`${origin}/moved`, { redirect: "error" })).rejects.toThrow("fetch failed");
  });

  it("ends when it is told to", async () => {
    await expect(client()(origin, { signal: AbortSignal.abort() })).rejects.toThrow("abort");
  });

  it("refuses a proof that the caller adds, and a header that cannot be signed", async () => {
    await expect(client()(origin, { headers: { "x-nonce": "A".repeat(16) } })).rejects.toThrow("INPUT_INVALID: x-nonce");
    await expect(client()(origin, { headers: { "content-type": "ü" } })).rejects.toThrow("INPUT_INVALID: content-type");
  });

  it.each<[string, SigningProfile]>([
    ["rfc9421", rfc9421Profile({ name: "r", algorithm: "hmac-sha256", components: ["@method", "@authority", "@path", "@query"] })],
    ["sigv4", awsProfile({ region: "eu-west-1", service: "execute-api" })],
    ["sigv4 in the query", sigv4Profile({ region: "eu-west-1", service: "execute-api", form: "query" })],
    ["stripe", presetProfile("stripe", { keyId: KEY.id })],
  ])("signs with %s", async (_, profile) => {
    await client({}, profile)(`${origin}/v1/x?b=2&a=1`, { method: "POST", body: "x" });
    expect(verdict(profile)).toMatchObject({ keyId: KEY.id });
  });
});

describe("signFetch for a door behind API Gateway", () => {
  const URL_PATH = "/prod/stripe/v1/charges/%7e?starting_after=ch+1&limit=3&a";
  const seenByDoor = () => ({ ...received.at(-1)!, target: canonicalTarget(received.at(-1)!.target.replace(/^\/prod/, "")) });

  it("signs the canonical target without the stage, and sends it below the stage", async () => {
    await client({ canonicalTarget: "/prod" })(origin + URL_PATH);
    expect(received.at(-1)!.target).toBe("/prod/stripe/v1/charges/~?a=&limit=3&starting_after=ch%201");
    expect(strict.verify(seenByDoor(), keyFor, NOW)).toMatchObject({ keyId: KEY.id });
  });

  it("signs it whole where a domain of its own has no stage", async () => {
    await client({ canonicalTarget: true })(`${origin}/stripe/v1?b=2&a=1`);
    expect(received.at(-1)!.target).toBe("/stripe/v1?a=1&b=2");
    expect(verdict()).toMatchObject({ keyId: KEY.id });
  });

  it("refuses a target outside the stage", async () => {
    for (const path of ["/production/x", "/prod", "/"]) {
      await expect(client({ canonicalTarget: "/prod" })(origin + path)).rejects.toThrow(
        "INPUT_INVALID: target: expected a path below /prod",
      );
    }
  });

  it("refuses a target that the door would refuse", async () => {
    await expect(client({ canonicalTarget: true })(`${origin}/a;b`)).rejects.toMatchObject({ code: "TARGET_AMBIGUOUS" });
  });
});
