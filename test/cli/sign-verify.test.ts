import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../lib/errors.js";
import { canary, expectNoCanary } from "../fakes/canary.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { type FakeWorld, NOW_MS, runCli } from "./fake-io.js";

const KEY = canary("signing");
const privateFiles = { "key.txt": `${KEY}\n` };
const URL_TEXT = "https://door.example/vendor/v1/x";

const command =
  (name: "sign" | "verify") =>
  (words: readonly string[], world: FakeWorld = {}) =>
    runCli([name, "--key-file", "key.txt", "--method", "POST", ...words], { privateFiles, ...world });
const sign = command("sign");
const verify = command("verify");
const rows = (text: string) => text.trimEnd().split("\n");
const headerWords = (signed: string) => rows(signed).flatMap((line) => ["--header", line]);

describe("sign and verify", () => {
  // The base is written out as DESIGN section 4 has it, apart from the code under test.
  test("the headers prove the request that the design describes", async () => {
    const url = "https://door.example:8443/a/~b?x=%2f";
    const words = ["--key-id", "payments", "--url", url, "--header", "Content-Type: text/plain", "--data", "hello"];
    const { exitCode, out, err } = await sign(words);
    expect([exitCode, err]).toEqual([0, ""]);
    const value = Object.fromEntries(rows(out.toLowerCase()).map((line) => line.split(": ")));
    const nonce = /x-nonce: (.*)/i.exec(out)![1];
    const lines = [
      ...["POST", "door.example:8443", "/a/~b?x=%2f", "content-type:text/plain", `x-timestamp:${NOW_MS / 1000}`],
      ...[`x-nonce:${nonce}`, "x-key-id:payments", createHash("sha256").update("hello").digest("hex")],
    ];
    expect(value).toEqual({
      "x-timestamp": String(NOW_MS / 1000),
      "x-nonce": expect.stringMatching(/^[a-z0-9_-]{22}$/),
      "x-key-id": "payments",
      "x-signature": `sha256=${createHmac("sha256", KEY).update(lines.join("\n")).digest("hex")}`,
    });
  });

  const KEYED = ["--key-id", "payments"];
  const AWS = ["--region", "eu-west-1", "--service", "execute-api"];
  // biome-ignore format: one row a profile
  test.each([
    ["hmac-strict", KEYED], ["hmac-plain", []], ["rfc9421", KEYED], ["sigv4", [...KEYED, ...AWS]], ["stripe", []], ["slack", []],
  ] as const)("verify accepts by %s what sign signed, and tells until when", async (profile, more) => {
    const words = ["--profile", profile, "--url", URL_TEXT, "--data", "a body", ...more];
    const { out } = await sign(words);
    const { exitCode, out: told, err } = await verify([...words, ...headerWords(out)]);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(told).toBe(
      `valid: signed with key id ${more.length > 0 ? "payments" : "default"} at 2026-01-15T12:00:00.000Z, valid until 2026-01-15T12:05:00.000Z\n`,
    );
  });

  test.each(["github", "shopify", "twilio"])("sign and verify say of %s that it is weak", async (profile) => {
    const words = ["--profile", profile, "--url", URL_TEXT];
    const { out, err } = await sign(words);
    expect(err).toContain(`warning: ${profile} is a weak scheme`);
    expect(await verify([...words, ...headerWords(out)])).toMatchObject({ exitCode: 0, err });
  });

  test("standard-webhooks takes the key in the form in which it is handed out", async () => {
    const world = { privateFiles: { "key.txt": `whsec_${Buffer.from(KEY).toString("base64")}\n` } };
    const words = ["--profile", "standard-webhooks", "--url", URL_TEXT, "--data", "{}"];
    const { out } = await sign(words, world);
    expect(await verify([...words, ...headerWords(out)], world)).toMatchObject({ exitCode: 0 });
    expect(await sign(words)).toMatchObject({ exitCode: 2, err: expect.stringContaining("SECRET_UNUSABLE") });
  });

  test("the canonical target is signed without the stage, and sent below it", async () => {
    const url = "https://a1.execute-api.eu-west-1.amazonaws.com/prod/vendor/v1/x?b=2&a=1+2";
    const { out: line } = await sign(["--key-id", "p", "--url", url, "--canonical-target", "/prod", "--output", "curl"]);
    expect(line).toContain("--url 'https://a1.execute-api.eu-west-1.amazonaws.com/prod/vendor/v1/x?a=1%202&b=2'");
    const { out } = await sign(["--key-id", "p", "--url", url, "--canonical-target", "/prod"]);
    const atTheDoor = ["--url", "https://a1.execute-api.eu-west-1.amazonaws.com/vendor/v1/x?a=1%202&b=2"];
    expect(await verify([...atTheDoor, ...headerWords(out)])).toMatchObject({ exitCode: 0 });
    expect(await verify([...atTheDoor, "--canonical-target", ...headerWords(out)])).toMatchObject({ exitCode: 0 });
  });

  // biome-ignore format: one row a case
  test.each([
    ["another target", ["--url", `${URL_TEXT}?y`], {}, "SIGNATURE_INVALID"],
    ["another host", ["--url", "https://other.example/vendor/v1/x"], {}, "SIGNATURE_INVALID"],
    ["another body", ["--url", URL_TEXT, "--data", "b"], {}, "SIGNATURE_INVALID"],
    ["another key", ["--url", URL_TEXT], { privateFiles: { "key.txt": "another key" } }, "SIGNATURE_INVALID"],
    ["another key id", ["--url", URL_TEXT, "--key-id", "ci"], {}, "CALLER_UNKNOWN"],
    ["five minutes and a second later", ["--url", URL_TEXT], { nowMs: NOW_MS + 301_000 }, "TIMESTAMP_OUTSIDE_WINDOW"],
    ["a second timestamp", ["--url", URL_TEXT, "--header", "x-timestamp: 1768478400"], {}, "PROOF_MALFORMED"],
  ] as const)("verify refuses %s with the code and its cure, and exits with 2", async (_, words, world, code) => {
    const { out } = await sign(["--key-id", "payments", "--url", URL_TEXT]);
    const { exitCode, out: told } = await verify([...words, ...headerWords(out)], world);
    expect(exitCode).toBe(2);
    expect(told).toMatch(new RegExp(`^not valid: .* \\(${code}\\)\n`));
    expect(told).toContain(`  cure: ${ERROR_CODES[code].cure}\n`);
    expectNoCanary("standard output", told, [KEY]);
  });

  test("verify names the headers that are missing", async () => {
    const { exitCode, out } = await verify(["--url", URL_TEXT, "--json"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      code: "PROOF_MISSING",
      details: { expected: expect.arrayContaining([expect.stringMatching(/^x-signature$/i)]) },
    });
  });

  test("reads the body from a file or from standard input", async () => {
    const asked = ["--key-id", "p", "--url", URL_TEXT];
    const { out: ofText } = await sign([...asked, "--data", "body"]);
    const { out: ofFile } = await sign([...asked, "--data", "@body.txt"], { files: { "body.txt": "body" } });
    const { out: ofStdin } = await sign([...asked, "--data", "-"], { stdin: "body" });
    expect(ofFile).toBe(ofText);
    expect(ofStdin).toBe(ofText);
  });

  test("takes the key from standard input", async () => {
    const words = ["--key-id", "p", "--method", "POST", "--url", URL_TEXT];
    const { out } = await runCli(["sign", "--key-file", "-", ...words], { stdin: `${KEY}\n` });
    expect(out).toBe((await sign(["--key-id", "p", "--url", URL_TEXT])).out);
  });

  test("the URL's own port and the case of its host are sent as clients send them", async () => {
    const asked = (url: string) => sign(["--key-id", "p", "--url", url]).then(({ out }) => out);
    expect(await asked("HTTPS://Door.Example:443/vendor/v1/x")).toBe(await asked(URL_TEXT));
    expect(await asked("https://door.example:8443/vendor/v1/x")).not.toBe(await asked(URL_TEXT));
  });

  // biome-ignore format: one row a case
  test.each([
    ["no key id where the proof names it", ["--url", URL_TEXT], "give --key-id"],
    ["a profile that is none", ["--profile", "md5", "--url", URL_TEXT], "hmac-strict, hmac-plain, rfc9421, sigv4, stripe"],
    ["sigv4 for no service", ["--profile", "sigv4", "--key-id", "p", "--url", URL_TEXT], "give --region and --service"],
    ["a target outside the stage", ["--key-id", "p", "--canonical-target", "/prod", "--url", URL_TEXT], "expected a path below /prod"],
    ["a target that API Gateway's door refuses", ["--key-id", "p", "--canonical-target", "--url", "https://door.example/a;b"], "TARGET_AMBIGUOUS"],
    ["a URL with a user", ["--key-id", "p", "--url", "https://user@door.example/"], "the URL is not"],
    ["a URL with a fragment", ["--key-id", "p", "--url", "https://door.example/#x"], "the URL is not"],
    ["a URL with a space", ["--key-id", "p", "--url", "https://door.example/a b"], "the URL is not"],
    ["a URL of another scheme", ["--key-id", "p", "--url", "ftp://door.example/"], "the URL is not"],
    ["a header without a colon", ["--key-id", "p", "--url", URL_TEXT, "--header", "x-thing"], "a header is not `name: value`"],
    ["a header with a line break", ["--key-id", "p", "--url", URL_TEXT, "--header", "x-a: b\r\nx-c: d"], "a header is not `name: value`"],
    ["a header that signing adds", ["--key-id", "p", "--url", URL_TEXT, "--header", "X-Nonce: 0123456789abcdef"], "expected no such header"],
    ["a target that can be read in two ways", ["--key-id", "p", "--url", "https://door.example/a/../b"], "can be read in more than one way: a dot segment (INPUT_INVALID)"],
    ["a target that is too long", ["--key-id", "p", "--url", `https://door.example/${"a".repeat(9000)}`], "a door refuses the URL"],
    ["a method in lower case", ["--key-id", "p", "--url", URL_TEXT, "--method", "post"], "a door refuses the method"],
    ["a method that opens a tunnel", ["--key-id", "p", "--url", URL_TEXT, "--method", "CONNECT"], "a door refuses the method"],
    ["two keys", ["--key", "a", "--key-id", "p", "--url", URL_TEXT], "either --key NAME or --key-file FILE"],
    ["a key file that is not there", ["--key-file", "no.txt", "--key-id", "p", "--url", URL_TEXT], "cannot read no.txt"],
  ] as const)("refuses %s", async (_, words, message) => {
    expect(await sign(words)).toMatchObject({ exitCode: 2, out: "", err: expect.stringContaining(message) });
  });

  test("refuses key and body both from standard input", async () => {
    const words = ["sign", "--key-file", "-", "--data", "-", "--key-id", "p", "--method", "POST", "--url", URL_TEXT];
    expect(await runCli(words, { stdin: "x" })).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("cannot both be standard input"),
    });
  });
});

describe("the secret store as source of the key", () => {
  let words: string[];
  let remove = () => {};
  beforeAll(async () => {
    const folder = temporaryFolder((whenDone) => {
      remove = whenDone;
    });
    words = ["--secrets", join(folder, "secrets.json"), "--store-key-file", join(folder, "key")];
    const stored = await runCli(
      ["secrets", "set", "payments-key", ...words.map((word) => word.replace("--store-key-file", "--key-file"))],
      { stdin: KEY },
    );
    expect(stored.exitCode).toBe(0);
  });
  afterAll(() => remove());

  const fromStore = (key: string, more: readonly string[] = []) =>
    runCli(["sign", "--key", key, ...words, "--key-id", "p", "--method", "POST", "--url", URL_TEXT, ...more]);

  test("signs with the key of that name", async () => {
    expect((await fromStore("payments-key")).out).toBe((await sign(["--key-id", "p", "--url", URL_TEXT])).out);
  });

  test("does not echo a name that is not there, for it may be the key", async () => {
    const { exitCode, err } = await fromStore(KEY);
    expect(exitCode).toBe(2);
    expect(err).toContain("has no secret of the name given by --key (SECRET_MISSING)");
    expectNoCanary("standard error", err, [KEY]);
  });

  test("names what is not there where it can only be a name", async () => {
    expect((await fromStore("payment-key")).err).toContain("has no secret `payment-key` (SECRET_MISSING)");
    const token = "sk-a1b2c3d4e5f6g7h8i9j0k1l2";
    expect((await fromStore(token)).err).not.toContain(token);
  });
});

describe("sign --output", () => {
  const asked = (...words: string[]) => sign(["--key-id", "p", "--url", `${URL_TEXT}?q=[1]&it's`, ...words]).then(({ out }) => out);

  test("curl is one line that quotes everything and keeps curl from rewriting", async () => {
    const line = await asked("--output", "curl", "--header", "Content-Type: text/plain", "--data", "it's $HOME");
    expect(line).toMatch(
      /^curl --disable --path-as-is --globoff --request 'POST' --header 'Content-Type: text\/plain' --header 'X-Timestamp: /i,
    );
    expect(line).toContain(String.raw` --data-raw 'it'\''s $HOME' --url 'https://door.example/vendor/v1/x?q=[1]&it'\''s'`);
    expectNoCanary("standard output", line, [KEY]);
  });

  test("curl takes a file as it is, and adds no content type that was not signed", async () => {
    const { out } = await sign(["--key-id", "p", "--url", URL_TEXT, "--output", "curl", "--data", "@body.bin"], {
      files: { "body.bin": "x" },
    });
    expect(out).toContain("--header 'Content-Type:' --data-binary '@body.bin'");
  });

  test("curl refuses a body from standard input that no command line can hold", async () => {
    const words = ["--key-id", "p", "--url", URL_TEXT, "--output", "curl", "--data", "-"];
    for (const stdin of [Buffer.from([0xff]), "a\0b", "x".repeat(100_001)]) {
      expect(await sign(words, { stdin })).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining("put it in a file and give --data @FILE"),
      });
    }
  });

  test("json is data", async () => {
    expect(JSON.parse(await asked("--output", "json"))).toMatchObject({
      method: "POST",
      url: `${URL_TEXT}?q=[1]&it's`,
      signature: ["x-timestamp", "x-nonce", "x-key-id", "x-signature"].map((name) => [
        expect.stringMatching(new RegExp(`^${name}$`, "i")),
        expect.any(String),
      ]),
      curl: null,
    });
  });
});
