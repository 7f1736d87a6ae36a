/** THREATS 6, 7, 9, 10: exactly one injected value reaches the upstream, and nothing of the caller's beside it. */
import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../lib/http/headers.js";
import { API_KEY, signed, TOKEN, testDoor, valuesOf } from "../fakes/door.js";

const route = (...inject: object[]) => ({ policy: { routes: { api: { owner: "team-test", target: "https://api.example.com", inject } } } });
const HEADER = { kind: "header", name: "x-api-key", secret: "api-key" };

/** What the upstream got of one request. */
async function sent(inject: readonly object[], request: Parameters<ReturnType<typeof testDoor>["ask"]>[0] = {}) {
  const { ask, upstream } = testDoor(route(...inject));
  expect(await ask(request)).toMatchObject({ status: 200 });
  return upstream.sent[0]!;
}

describe("injection", () => {
  it("puts a bearer token into Authorization", async () => {
    expect(valuesOf((await sent([{ kind: "bearer", secret: "api-key" }])).headers, "authorization")).toEqual([`Bearer ${API_KEY}`]);
  });

  it("puts user name and secret into Basic", async () => {
    const { headers } = await sent([{ kind: "basic", username: "Aladdin", secret: "api-key" }]);
    expect(valuesOf(headers, "authorization")).toEqual([`Basic ${Buffer.from(`Aladdin:${API_KEY}`).toString("base64")}`]);
  });

  it("fills a template as it stands, whatever the secret holds", async () => {
    const { ask, upstream, secrets } = testDoor(route({ ...HEADER, template: "Key id=7, key={secret}!" }));
    const secret = "$& $1 $$ {secret} 0123";
    secrets.put("api-key", secret);
    await ask();
    expect(valuesOf(upstream.sent[0]!.headers, "x-api-key")).toEqual([`Key id=7, key=${secret}!`]);
  });

  it("percent-encodes a query parameter after RFC 3986", async () => {
    const { ask, upstream, secrets } = testDoor(route({ kind: "query", name: "key", secret: "api-key" }));
    secrets.put("api-key", "a b&c=d+e/f?#%'()*!~é");
    await ask({ target: "/api/v1/charges?x=%7E&&y" });
    expect(upstream.sent[0]?.target).toBe("/v1/charges?x=%7E&&y&key=a%20b%26c%3Dd%2Be%2Ff%3F%23%25%27%28%29%2A%21~%C3%A9");
  });

  it("replaces the caller's own parameter of the name in every spelling", async () => {
    const { target } = await sent([{ kind: "query", name: "key", secret: "api-key" }], {
      target: "/api/v1/charges?key=mine&KEY=mine&%6bey=mine&a=1;key=mine&keys=2&key",
    });
    expect(target).toBe(`/v1/charges?keys=2&key=${encodeURIComponent(API_KEY).replaceAll("'", "%27")}`);
  });

  it("refuses a secret that is no text, which no parameter could carry unchanged", async () => {
    const { ask, secrets, upstream, audit } = testDoor(route({ kind: "query", name: "key", secret: "api-key" }));
    secrets.put("api-key", Buffer.alloc(16, 0xff));
    expect(await ask()).toMatchObject({ status: 503, code: "SECRET_UNUSABLE" });
    expect(audit.events[0]?.details).toEqual({ secret: "api-key" });
    expect(upstream.sent).toEqual([]);
  });

  it("injects several at a time", async () => {
    const { headers, target } = await sent([
      HEADER,
      { kind: "bearer", secret: "api-key" },
      { kind: "query", name: "k", secret: "api-key" },
    ]);
    expect([valuesOf(headers, "x-api-key"), valuesOf(headers, "authorization")]).toEqual([[API_KEY], [`Bearer ${API_KEY}`]]);
    expect(target).toMatch(/^\/v1\/charges\?k=/);
  });

  it.each(["X-API-KEY", "x_api_key", "X_Api-Key", "x.api.key", "x~api~key"])("strips the caller's %s", async (name) => {
    const { headers } = await sent([HEADER], {
      headers: [
        [name, "mine"],
        [name, "mine too"],
      ],
    });
    expect(headers.filter(([other]) => /^x.api.key$/i.test(other))).toEqual([["x-api-key", API_KEY]]);
    expect(JSON.stringify(headers)).not.toContain("mine");
  });

  it("survives a Connection header that names it", async () => {
    const { headers } = await sent([HEADER], { headers: [["connection", "x-api-key, host, authorization"]] });
    expect(valuesOf(headers, "x-api-key")).toEqual([API_KEY]);
    expect(valuesOf(headers, "host")).toEqual(["api.example.com"]);
  });

  it("asks for an encoding that can be searched, whatever the caller wants", async () => {
    expect(valuesOf((await sent([HEADER], { headers: [["accept-encoding", "br"]] })).headers, "accept-encoding")).toEqual(["identity"]);
    expect(valuesOf((await sent([], { headers: [["accept-encoding", "br"]] })).headers, "accept-encoding")).toEqual(["br"]);
  });

  it.each(["Range", "If-Range", "range"])("does not ask for pieces of an answer that must be searched whole (%s)", async (name) => {
    const headers: HeaderList = [[name, "bytes=0-5"]];
    expect(valuesOf((await sent([HEADER], { headers })).headers, name.toLowerCase())).toEqual([]);
    expect(valuesOf((await sent([], { headers })).headers, name.toLowerCase())).toEqual(["bytes=0-5"]);
  });
});

describe("what the caller sent", () => {
  // biome-ignore format: a table
  const STRIPPED = [
    "Authorization", "Sallyport-Authorization", "Proxy-Authorization", "X-Signature", "X_Timestamp", "X-Nonce", "X-Key-Id", "X-Forwarded-For", "X-Forwarded-Host",
    "Forwarded", "X-Real-IP", "Via", "X-HTTP-Method-Override", "X-Original-URL", "Keep-Alive", "TE", "Trailer", "Proxy-Connection", "Expect", "Sallyport-Anything",
  ];

  it("goes on without proof, hop, source and override", async () => {
    const { ask, upstream } = testDoor(route());
    const headers = STRIPPED.filter((name) => !/authorization|signature/i.test(name)).map((name): [string, string] => [
      name,
      name === "Expect" ? "100-continue" : "1",
    ]);
    await ask({
      headers: [...headers, ["Authorization", "Bearer kept from the upstream"], ["Accept", "*/*"], ["X-Custom", "a"], ["x-custom", "b"]],
    });
    expect(upstream.sent[0]?.headers).toEqual([
      ["host", "api.example.com"],
      ["Accept", "*/*"],
      ["X-Custom", "a"],
      ["x-custom", "b"],
    ]);
  });

  it("goes on without its signature", async () => {
    const { send, upstream } = testDoor(route());
    await send(signed());
    expect(upstream.sent[0]?.headers).toEqual([["host", "api.example.com"]]);
  });

  it("is narrowed by `headers.forward`", async () => {
    const api = { owner: "team-test", target: "https://api.example.com", headers: { forward: ["accept", "x-custom"] } };
    const { ask, upstream } = testDoor({ policy: { routes: { api } } });
    await ask({
      headers: [
        ["Accept", "*/*"],
        ["x-custom", "a"],
        ["x-other", "b"],
        ["cookie", "c=1"],
      ],
    });
    expect(upstream.sent[0]?.headers).toEqual([
      ["host", "api.example.com"],
      ["Accept", "*/*"],
      ["x-custom", "a"],
    ]);
  });

  it("is sent to the path that was judged, in its canonical form", async () => {
    const { target } = await sent([], { target: "/api/v1/%41%7ea%2B%2b//?q=%41" });
    expect(target).toBe("/v1/A~a%2B%2B//?q=%41");
  });

  it("never carries the proof of one call in the next", async () => {
    const { ask, send, upstream } = testDoor(route());
    await ask({ headers: [["cookie", "session=1"]] });
    await send(signed());
    expect(JSON.stringify(upstream.sent[1])).not.toContain("session");
    expect(JSON.stringify(upstream.sent)).not.toContain(TOKEN);
  });
});
