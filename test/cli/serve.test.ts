import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../lib/cli/run.js";
import { createAuthority } from "../fakes/certificates.js";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { type FakeIo, type FakeWorld, fakeIo } from "./fake-io.js";
import { changed, POLICY } from "./policies.js";

/** Serves in this process until the test stops it. */
function serving(words: readonly string[], world: FakeWorld = {}) {
  const folder = temporaryFolder(onTestFinished);
  const io = fakeIo({ files: { "policy.yaml": POLICY }, ...world });
  const state = ["--state", join(folder, "state"), "--key-file", join(folder, "key")];
  const ended = run(["serve", "policy.yaml", "--listen", "127.0.0.1:0", ...state, ...words], io);
  return { io, ended, folder };
}

async function printed(io: FakeIo, text: string): Promise<void> {
  while (!io.out().includes(text)) await new Promise((turn) => setTimeout(turn, 5));
}

const readJson = (text: string): unknown[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("says where it listens, that it is ready, and when it stopped; one line of JSON each", async () => {
  const { io, ended } = serving(["--json", "--listen", "vendor=127.0.0.1:0", "--metrics", "0"]);
  await printed(io, '"ready"');
  io.signal("SIGTERM");
  expect(await ended).toBe(0);
  expect(readJson(io.out())).toEqual([
    { event: "listening", url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), route: null },
    { event: "listening", url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), route: "vendor" },
    { event: "metrics", url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/) },
    { event: "ready", policyVersion: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { event: "stopping", signal: "SIGTERM" },
    { event: "stopped" },
  ]);
});

test("names on standard error what weakens it, whom it cannot verify and which secrets are missing, with the cures", async () => {
  const { io, ended, folder } = serving(["--allow-upstream-cidr", "10.0.0.0/8", "--resolve", "api.vendor.example=10.1.2.3"]);
  await printed(io, "ready: policy version");
  io.signal("SIGINT");
  expect(await ended).toBe(0);
  const err = io.err();
  expect(err).toContain("WARNING: upstreams may be in 10.0.0.0/8, public or not\n");
  expect(err).toContain("WARNING: the resolver is not asked for api.vendor.example: it is dialled at 10.1.2.3\n");
  expect(err).toContain(
    "WARNING: the caller `ci` is of kind github-actions, which this gateway cannot verify: it never authenticates here\n",
  );
  const options = `--secrets ${join(folder, "state")}/secrets.json --key-file ${join(folder, "key")}`;
  for (const name of ["vendor-key", "caller-key"]) {
    expect(err).toContain(
      `WARNING: the secret \`${name}\` has no value: calls that need it are refused\n  cure: sallyport secrets set ${name} ${options}\n`,
    );
  }
});

// biome-ignore format: one row a refusal
test.each([
  ["an invalid policy", [], changed("owner: team", "owner: 7"), 2, "error [wrong-type]"],
  ["a policy that this version cannot enforce", [], changed("when: { from: vpc } }", "when: { from: vpc, risk: { below: 60 } } }"), 2, "(POLICY_UNSUPPORTED)"],
  ["a policy that breaks a guardrail", [], changed("https://api", "http://api"), 4, "guardrail [cleartext-target]"],
  ["a policy whose test fails", [], changed("expect: allow", "expect: deny"), 4, "charge: expected deny, found allow"],
  ["a listener off loopback without TLS", ["--listen", "0.0.0.0:0"], POLICY, 2, "TLS is required off loopback"],
  ["a listener for no route", ["--listen", "vendr=0"], POLICY, 2, "the route `vendr`, which the policy does not have"],
  ["a listener that is none", ["--listen", "localhost:80"], POLICY, 2, "`localhost:80` is not [route=][address:]port"],
  ["a certificate without its key", ["--tls-cert", "a.pem"], POLICY, 2, "--tls-cert and --tls-key go together"],
  ["metrics off loopback", ["--metrics", "0.0.0.0:9090"], POLICY, 2, "metrics are served on loopback only"],
  ["metrics with a route", ["--metrics", "vendor=9090"], POLICY, 2, "--metrics takes [address:]port"],
  ["a network with host bits", ["--allow-upstream-cidr", "10.0.0.1/8"], POLICY, 2, "has host bits set"],
  ["a fixed address in octal", ["--resolve", "a.example=010.0.0.1"], POLICY, 2, "--resolve takes HOST=ADDRESS"],
  ["a drain without end", ["--drain-seconds", "Infinity"], POLICY, 2, "--drain-seconds takes a number from 0 to 3600"],
] as const)("refuses to start with %s", async (_, words, policy, exitCode, message) => {
  const { io, ended } = serving(words, { files: { "policy.yaml": policy } });
  expect(await ended).toBe(exitCode);
  expect(io.out()).toBe("");
  expect(io.err()).toContain(message);
});

test("refuses a TLS certificate or key that it cannot use, naming option and file, and takes the right ones", async () => {
  const authority = await createAuthority("Door authority");
  const [door, other] = [await authority.issue({ commonName: "door" }), await authority.issue({ commonName: "other" })];
  const files = {
    "policy.yaml": POLICY,
    "door.pem": door.certificatePem,
    "door.key": door.privateKeyPem,
    "other.key": other.privateKeyPem,
  };
  // biome-ignore format: one row a refusal
  const rows = [
    ["door.key", "door.pem", "--tls-cert door.key is not a PEM certificate (INPUT_INVALID)"],
    ["door.pem", "door.pem", "--tls-key door.pem is not a PEM private key without a passphrase (INPUT_INVALID)"],
    ["door.pem", "other.key", "--tls-key other.key is not the key of the certificate in --tls-cert door.pem (INPUT_INVALID)"],
    ["door.pem", "gone.key", "cannot read --tls-key gone.key: there is no such file (INPUT_INVALID)"],
    ["gone.pem", "door.key", "cannot read --tls-cert gone.pem: there is no such file (INPUT_INVALID)"],
  ] as const;
  for (const [cert, key, message] of rows) {
    const { io, ended } = serving(["--tls-cert", cert, "--tls-key", key], { files });
    expect(await ended).toBe(2);
    expect(io.err()).toContain(message);
    expect(io.err()).not.toContain("BEGIN");
  }
  const { io, ended } = serving(["--tls-cert", "door.pem", "--tls-key", "door.key"], { files });
  await printed(io, "ready: policy version");
  io.signal("SIGTERM");
  expect(await ended).toBe(0);
  expect(io.out()).toContain("listening on https://127.0.0.1:");
});

test("SIGHUP reloads; a bad policy keeps the last good one and says why, and the file that is mended loads", async () => {
  const files: Record<string, string> = { "policy.yaml": POLICY };
  const { io, ended } = serving(["--json"], { files });
  await printed(io, '"ready"');

  files["policy.yaml"] = changed("owner: team", "owner: 7");
  io.signal("SIGHUP");
  await printed(io, '"refused"');
  delete files["policy.yaml"];
  io.signal("SIGHUP");
  await printed(io, "there is no such file");
  files["policy.yaml"] = changed("GET /charges/**", "GET /charges");
  io.signal("SIGHUP");
  await printed(io, '"loaded"');
  io.signal("SIGTERM");
  expect(await ended).toBe(0);

  const [, ready, ...later] = readJson(io.out()) as { policyVersion: string }[];
  expect(later.slice(0, 3)).toMatchObject([
    { event: "reload", result: "refused", policyVersion: ready!.policyVersion, fault: { code: "POLICY_INVALID" } },
    { event: "reload", result: "refused", policyVersion: ready!.policyVersion, fault: { code: "INPUT_INVALID" } },
    { event: "reload", result: "loaded", policyVersion: expect.not.stringContaining(ready!.policyVersion) },
  ]);
});

test("a secret store that others can read is told of at a reload, and refuses the next start", async () => {
  const { io, ended, folder } = serving([]);
  await printed(io, "ready: policy version");
  const store = join(folder, "state", "secrets.json");
  writeFileSync(store, "{}", { mode: 0o644 });
  io.signal("SIGHUP");
  await printed(io, "policy reloaded");
  while (!io.err().includes(`run chmod 600 ${store}`)) await new Promise((turn) => setTimeout(turn, 5));
  io.signal("SIGTERM");
  expect(await ended).toBe(0);

  const again = serving(["--secrets", store]);
  expect(await again.ended).toBe(1);
  expect(again.io.err()).toMatch(/^error: .* can be read or changed by others .* \(STORE_UNUSABLE\)\n/);
  expect(again.io.out()).toBe("");
});
