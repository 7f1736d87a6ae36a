import { describe, expect, it } from "vitest";
import { authoritiesOf, isLoopback, type Listener, parseListener } from "../../../lib/adapters/local/listener.js";

describe("parseListener", () => {
  it.each<[string, Listener]>([
    ["8080", { host: "127.0.0.1", port: 8080 }],
    ["0", { host: "127.0.0.1", port: 0 }],
    ["127.0.0.2:65535", { host: "127.0.0.2", port: 65_535 }],
    ["[::1]:8080", { host: "::1", port: 8080 }],
    ["stripe=8081", { host: "127.0.0.1", port: 8081, route: "stripe" }],
    ["stripe-2=0.0.0.0:443", { host: "0.0.0.0", port: 443, route: "stripe-2" }],
  ])("reads %s", (text, listener) => {
    expect(parseListener(text)).toEqual(listener);
  });

  it.each([
    "",
    "x",
    "65536",
    "-1",
    "1e3",
    "localhost:80",
    "127.1:80",
    "010.0.0.1:80",
    "::1:80",
    "[::1]",
    "[127.0.0.1]:80:80",
    "=80",
    "Stripe=80",
    "a=b=80",
    " 80",
    "80\n",
  ])("refuses %j", (text) => {
    expect(() => parseListener(text)).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        details: { listen: text },
        message: expect.stringContaining(`\`${text}\` is not [route=][address:]port`),
      }),
    );
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["localhost", false],
])("knows whether %s is loopback", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe("authoritiesOf", () => {
  it.each<[Listener, boolean, string[]]>([
    [{ host: "127.0.0.1", port: 8080 }, false, ["127.0.0.1:8080", "localhost:8080"]],
    [{ host: "::1", port: 8080 }, false, ["[::1]:8080", "localhost:8080"]],
    [{ host: "127.0.0.1", port: 80 }, false, ["127.0.0.1", "127.0.0.1:80", "localhost", "localhost:80"]],
    [{ host: "127.0.0.1", port: 80 }, true, ["127.0.0.1:80", "localhost:80"]],
    [{ host: "10.0.0.1", port: 443 }, true, ["10.0.0.1", "10.0.0.1:443"]],
  ])("names %o (TLS: %s) %j", (listener, isTls, names) => {
    expect(authoritiesOf(listener, isTls)).toEqual(names);
  });
});
