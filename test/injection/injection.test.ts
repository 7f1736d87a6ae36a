import { expect, it } from "vitest";
import { renderInjection } from "../../lib/injection/index.js";
import type { Injection } from "../../lib/policy/document.generated.js";
import { SecretValue } from "../../lib/secret-value.js";

// biome-ignore format: one row an injection
const RENDERED: readonly (readonly [title: string, injection: Injection, secret: string, placement: object])[] = [
  ["RFC 6750's example as Bearer", { kind: "bearer", secret: "s" }, "mF_9.B5f-4.1JqM", { header: "authorization", value: "Bearer mF_9.B5f-4.1JqM" }],
  ["RFC 7617's first example as Basic", { kind: "basic", username: "Aladdin", secret: "s" }, "open sesame", { header: "authorization", value: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" }],
  ["RFC 7617's UTF-8 example as Basic", { kind: "basic", username: "test", secret: "s" }, "123£", { header: "authorization", value: "Basic dGVzdDoxMjPCow==" }],
  ["an empty user name as Basic", { kind: "basic", username: "", secret: "s" }, "key", { header: "authorization", value: "Basic OmtleQ==" }],
  ["a header without a template", { kind: "header", name: "x-api-key", secret: "s" }, "abc", { header: "x-api-key", value: "abc" }],
  ["a header with a template", { kind: "header", name: "x-auth", secret: "s", template: "Token token={secret}" }, "$&{secret}", { header: "x-auth", value: "Token token=$&{secret}" }],
  ["a query parameter, with all that RFC 3986 reserves", { kind: "query", name: "key", secret: "s" }, ":/?#[]@!$&'()*+,;= %", { parameter: "key", value: "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%20%25" }],
  ["a query parameter, with what RFC 3986 does not reserve", { kind: "query", name: "key", secret: "s" }, "azAZ09-._~", { parameter: "key", value: "azAZ09-._~" }],
];

it.each(RENDERED)("renders %s", (_, injection, secret, placement) => {
  expect(renderInjection(injection, new SecretValue(secret))).toEqual(placement);
});
