import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import type { Header, SignableMessage } from "../../lib/signing/message.js";
import { hmacAlgorithm } from "../../lib/signing/sigv4/algorithm.js";
import { parseAmzDate } from "../../lib/signing/sigv4/amz-date.js";
import { compileRules, type Sigv4FormName, type Sigv4Key } from "../../lib/signing/sigv4/rules.js";
import { signed } from "../../lib/signing/sigv4/sign.js";
import { type Sigv4Options, sigv4Profile } from "../../lib/signing/sigv4/sigv4.js";
import { withProof } from "../../lib/signing/with-proof.js";
import { vectorPath } from "./vector-file.js";

interface Context {
  readonly credentials: { readonly access_key_id: string; readonly secret_access_key: string; readonly token?: string };
  readonly expiration_in_seconds: number;
  readonly normalize: boolean;
  readonly region: string;
  readonly service: string;
  readonly sign_body: boolean;
  readonly timestamp: string;
  readonly omit_session_token?: boolean;
}

/** A request as text. A folded header line is one line with spaces (RFC 9112 section 5.2). */
function parseRequest(text: string): SignableMessage {
  const [head = "", body = ""] = text.split("\n\n");
  const [requestLine, ...fields] = head.replaceAll(/\n +/g, " ").trimEnd().split("\n");
  const [, method, target] = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine!) as unknown as [string, string, string];
  const headers = fields.map((field): Header => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1)]);
  const authority = headers.find(([name]) => name === "Host")![1];
  return { method, authority, target, headers, body: Buffer.from(body) };
}

const folder = vectorPath("aws-sigv4/v4");

/** Nobody can send these as they stand: a request line holds no space and no bytes beyond ASCII. */
const UNSENDABLE = ["get-space-normalized", "get-space-unnormalized", "get-utf8", "get-vanilla-utf8-query"];
/** Another path has the same canonical form. */
const AMBIGUOUS = /^get-(?:relative|slash|slashes)\b.*(?<!un)normalized$/;

// https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite
for (const name of folder === undefined ? [] : readdirSync(folder)) {
  const read = (file: string) => readFileSync(join(folder!, name, file), "utf8");
  const context = JSON.parse(read("context.json")) as Context;
  const message = parseRequest(read("request.txt"));
  const { access_key_id: id, secret_access_key, token } = context.credentials;
  const key: Sigv4Key = {
    id,
    secret: new SecretValue(secret_access_key),
    ...(token !== undefined && { sessionToken: new SecretValue(token) }),
  };
  const timestampSeconds = Date.parse(context.timestamp) / 1000;

  describe.each<Sigv4FormName>(["header", "query"])(`aws-c-auth ${name} in the %s`, (form) => {
    const options: Sigv4Options = {
      service: context.service,
      region: context.region,
      form,
      s3: !context.normalize,
      windowSeconds: context.expiration_in_seconds,
      contentSha256Header: context.sign_body,
      unsignedSessionToken: context.omit_session_token ?? false,
    };
    const expected = (file: string) => read(`${form}-${file}.txt`);

    it("has the canonical request, string to sign and signature", () => {
      const rules = compileRules(hmacAlgorithm(context.region, context.service), "sigv4", options);
      const made = signed(rules, message, key, timestampSeconds);
      expect(made.canonicalRequest).toBe(expected("canonical-request"));
      expect(made.stringToSign).toBe(expected("string-to-sign"));
      expect(made.signature).toBe(expected("signature"));
    });

    const profile = sigv4Profile(options);
    const verify = () =>
      profile.verify(
        withProof(message, profile, profile.sign(message, key, { timestampSeconds, nonce: "" })),
        (keyId) => (keyId === id ? key.secret : undefined),
        timestampSeconds * 1000,
      );

    if (UNSENDABLE.includes(name)) {
      it("is refused, as no request line can hold its target", () => {
        expect(verify).toThrow("INPUT_INVALID: target: expected 1 to 16384 visible ASCII characters");
      });
    } else if (AMBIGUOUS.test(name)) {
      it("is signed for whoever asks for it, and not accepted", () => {
        expect(verify()).toMatchObject({ denied: "PROOF_MALFORMED", details: { part: "target" } });
      });
    } else {
      it("verifies", () => {
        expect(verify()).toMatchObject({ keyId: id, timestampSeconds });
      });
    }
  });
}

if (folder !== undefined) {
  it("are 38 cases", () => {
    expect(readdirSync(folder)).toHaveLength(38);
  });
}

const at = (amzDate: string) => ({ timestampSeconds: parseAmzDate(amzDate)!, nonce: "" });
const signatureOf = (proof: readonly Header[]) => /[0-9a-f]{64}$/.exec(proof.at(-1)![1])![0];

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and its predecessor
describe("AWS's published example", () => {
  const key: Sigv4Key = { id: "AKIDEXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
  const message: SignableMessage = {
    method: "GET",
    authority: "iam.amazonaws.com",
    target: "/?Action=ListUsers&Version=2010-05-08",
    headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]],
    body: new Uint8Array(),
  };

  it("ListUsers has its hash of the canonical request and its Authorization", () => {
    const rules = compileRules(hmacAlgorithm("us-east-1", "iam"), "sigv4", { service: "iam" });
    const made = signed(rules, message, key, at("20150830T123600Z").timestampSeconds);
    expect(made.stringToSign).toBe(
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\nf536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
    );
    expect(made.proof).toEqual([
      ["X-Amz-Date", "20150830T123600Z"],
      [
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
      ],
    ]);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html
describe("the examples of S3's documentation", () => {
  const key: Sigv4Key = { id: "AKIAIOSFODNN7EXAMPLE", secret: new SecretValue("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") };
  const BUCKET = { authority: "examplebucket.s3.amazonaws.com", body: new Uint8Array() };
  const S3 = { service: "s3", region: "us-east-1", s3: true } as const;
  const now = at("20130524T000000Z");
  const PUT_HEADERS: Header[] = [
    ["Date", "Fri, 24 May 2013 00:00:00 GMT"],
    ["x-amz-storage-class", "REDUCED_REDUNDANCY"],
  ];

  it.each<[what: string, message: SignableMessage, signature: string]>([
    [
      "GET Object",
      { ...BUCKET, method: "GET", target: "/test.txt", headers: [["Range", "bytes=0-9"]] },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT Object",
      { ...BUCKET, method: "PUT", target: "/test$file.text", headers: PUT_HEADERS, body: Buffer.from("Welcome to Amazon S3.") },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "GET Bucket Lifecycle",
      { ...BUCKET, method: "GET", target: "/?lifecycle", headers: [] },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "GET Bucket (List Objects)",
      { ...BUCKET, method: "GET", target: "/?max-keys=2&prefix=J", headers: [] },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("%s", (_, message, signature) => {
    expect(signatureOf(sigv4Profile(S3).sign(message, key, now))).toBe(signature);
  });

  it("a presigned GET of a day", () => {
    const profile = sigv4Profile({ ...S3, form: "query", payload: "unsigned", windowSeconds: 86_400 });
    const message: SignableMessage = { ...BUCKET, method: "GET", target: "/test.txt", headers: [] };
    const proof = profile.sign(message, key, now);
    expect(signatureOf(proof)).toBe("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    expect(profile.verify(withProof(message, profile, proof), () => key.secret, now.timestampSeconds * 1000)).toMatchObject({
      keyId: key.id,
    });
  });
});
