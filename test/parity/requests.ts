/** Requests that either door could get, by the fate they must have: generated, in the canonical form that callers sign. */
import fc from "fast-check";
import type { Header, HeaderList } from "../../lib/http/headers.js";
import { formatTarget } from "../../lib/signing/canonical-target.js";
import { API_IDS, hostOf } from "../fakes/api-gateway.js";
import { NOW, type SignedAs, signed, TOKEN } from "../fakes/door.js";
import { INJECTED_PARAMETER, METHODS, REVOKED_TOKEN, ROUTES } from "./policy.js";

export interface ParityRequest {
  readonly method: string;
  /** As on the wire. */
  readonly target: string;
  readonly host: string;
  /** Beside Host; equal names stand together. */
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** Of this machine, so that the gateway can see it too. */
  readonly source: string;
}

const HOST = hostOf(API_IDS.signed);

const text = (characters: string, minLength = 0) => fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength: 6 });
const segment = text("azAZ09-._~ !$&'()*+,=:@éß日", 1).filter((name) => name !== "." && name !== "..");
const parameter = fc.oneof(text('azAZ09 &=+#?%/\\;"<é日'), fc.constantFrom("1", "10", "__proto__", INJECTED_PARAMETER, "API_Key"));

/** Below `/v1` of a route. */
const target = (routes: readonly string[]) =>
  fc
    .record({
      route: fc.constantFrom(...routes),
      segments: fc.array(segment, { maxLength: 3 }),
      pairs: fc.array(fc.tuple(parameter, parameter), { maxLength: 4 }),
    })
    .map(({ route, segments, pairs }) => formatTarget(["", route, "v1", ...segments.map(encodeURIComponent)].join("/"), pairs));

/** Some pass, some are dropped, some imitate what is injected. */
const HEADERS: readonly HeaderList[] = [
  [["Accept", "*/*"]],
  [["ACCEPT-LANGUAGE", "de, en;q=0.5"]],
  [["accept-encoding", "br, gzip"]],
  [["Range", "bytes=0-9"]],
  [["User-Agent", "curl/8.0"]],
  [["Cookie", "a=b; c=d"]],
  [["Content-Type", "application/json; charset=utf-8"]],
  [
    ["X-Many", "1"],
    ["X-Many", ""],
    ["X-Many", "3, 4"],
  ],
  [["x.dotted", "a\tb"]],
  [["X_Api_Key", "the caller's own"]],
  [["x-api-key", "the caller's own"]],
  [["Forwarded", "for=198.51.100.7"]],
  [["X-Forwarded-For", "198.51.100.7"]],
  [["X-HTTP-Method-Override", "DELETE"]],
  [["Proxy-Authorization", "Basic eDp5"]],
  [["Sallyport-Debug", "1"]],
  [["Keep-Alive", "timeout=5"]],
];
const headers = fc.shuffledSubarray([...HEADERS]).map((groups) => groups.flat());
const body = fc.uint8Array({ maxLength: 64 });

/** A request without a proof. */
const bare = (routes: readonly string[] = ROUTES): fc.Arbitrary<ParityRequest> =>
  fc.record({ method: fc.constantFrom<string>(...METHODS), target: target(routes), headers, body }).map((request) => ({
    ...request,
    body: request.method === "HEAD" ? new Uint8Array() : request.body,
    host: HOST,
    source: "127.0.0.1",
  }));

type Prove = (request: ParityRequest) => ParityRequest;
const adding =
  (...added: readonly Header[]): Prove =>
  (request) => ({ ...request, headers: [...request.headers, ...added] });
const signing =
  (as: SignedAs = {}): Prove =>
  (request) => ({ ...request, headers: signed(request, as).headers! });
const withToken = (token: string, name = "Authorization", scheme = "Bearer"): Prove => adding([name, `${scheme} ${token}`]);

const PROOFS = [signing(), withToken(TOKEN), withToken(TOKEN, "sallyport-authorization", "bearer")];
const proven = (requests: fc.Arbitrary<ParityRequest>, ...proofs: readonly Prove[]): fc.Arbitrary<ParityRequest> =>
  fc.tuple(requests, fc.constantFrom(...proofs)).map(([request, prove]) => prove(request));

/** Allowed, unless the door itself is in trouble. */
export const allowed = (routes?: readonly string[]) => proven(bare(routes), ...PROOFS);

export const signedOnly = proven(bare(), signing());

/** Allowed but for one change, made before the proof. */
const changed = (change: Partial<ParityRequest>, routes?: readonly string[]) =>
  proven(
    bare(routes).map((request) => ({ ...request, ...change })),
    ...PROOFS,
  );
const heading = (...extra: readonly Header[]) => proven(bare().map(adding(...extra)), withToken(TOKEN));
const aimed = (...targets: readonly string[]) =>
  proven(
    fc.tuple(bare(), fc.constantFrom(...targets)).map(([request, other]) => ({ ...request, target: other })),
    ...PROOFS,
  );

const AMBIGUOUS_PATHS = ["a%2fb", "a/../b", "%2e%2e/b", "a;x=1", "a%5Cb", "a%00", "%252e", "%C0%AF", "%", "%zz", "./a", "a?b=%0A"];

/** What the request itself brings upon it, by the reason in the audit. */
export const REFUSED: Readonly<Record<string, fc.Arbitrary<ParityRequest>>> = {
  REQUEST_MALFORMED: fc.oneof(
    heading(["X-Text", "caf\xe9"]),
    heading(["Content_Length", "1"]),
    proven(bare(), adding(["content-type", "a/b"], ["content-type", "c/d"], ["Authorization", `Bearer ${TOKEN}`])).filter(
      ({ headers }) => !headers.some(([name]) => name === "Content-Type"),
    ),
  ),
  TARGET_AMBIGUOUS: aimed(...AMBIGUOUS_PATHS.map((path) => `/bearer/v1/${path}`)),
  HOST_UNKNOWN: changed({ host: "door.evil.example" }),
  HEADERS_TOO_LARGE: aimed(`/bearer/v1/${"a".repeat(8192)}`),
  BODY_TOO_LARGE: changed({ method: "POST", body: new Uint8Array(1025) }, ["small"]),
  ROUTE_UNKNOWN: allowed(["nowhere", "constructor"]),
  PROOF_MISSING: bare(),
  PROOF_MALFORMED: proven(
    bare(),
    adding(["Authorization", `Bearer ${TOKEN}`], ["Authorization", `Bearer ${TOKEN}`]),
    adding(["X-Signature", "sha256=ABC"]),
    adding(["X-Signature", `sha256=${"0".repeat(64)}`], ["X-Timestamp", "1"], ["X-Timestamp", "2"]),
  ),
  CALLER_UNKNOWN: proven(bare(), withToken("nobody's"), signing({ keyId: "nobody" })),
  SIGNATURE_INVALID: fc.oneof(
    proven(bare(), signing({ key: "another key" })),
    proven(bare(), signing()).map((request) => ({
      ...request,
      body: Buffer.from("another body, longer than any that is generated, so never the same"),
    })),
    proven(bare(), signing()).map((request) => ({ ...request, target: "/bearer/v1/another" })),
  ),
  TIMESTAMP_OUTSIDE_WINDOW: proven(bare(), signing({ timestampMs: NOW - 301_000 }), signing({ timestampMs: NOW + 301_000 })),
  SOURCE_NOT_ALLOWED: changed({ source: "127.0.0.2" }, ["guarded"]),
  NOT_GRANTED: fc.oneof(changed({ method: "DELETE" }), aimed("/bearer/v2", "/bearer", "/basic/V1/x", "/plain//v1")),
  DENIED_BY_RULE: aimed("/bearer/v1/export"),
  CONDITION_NOT_MET: allowed(["conditional"]),
  REVOKED: proven(bare(), withToken(REVOKED_TOKEN)),
};
