// Generated from the schema of the same name by `npm run generate`. Do not edit.

/**
 * a name of 1 to 63 lower-case letters, digits and hyphens that starts with a letter
 */
export type Name = string;
/**
 * where the value lives: kind `managed` (this door creates the entry, its value is set out of band) or `secrets-manager` (an existing entry)
 */
export type SecretSource = ManagedSource | SecretsManagerSource;
/**
 * a text of 1 to 500 characters, none of them a control or invisible one
 */
export type Text = string;
/**
 * Items: a host name, or host:port, in lower case
 */
export type AllowedHosts = string[];
export type Waivers = Waiver[];
/**
 * an IPv4 or IPv6 address or network in CIDR form
 */
export type Network = string;
/**
 * how a request is signed: kind `hmac`, `rfc9421`, `sigv4` or `preset`
 */
export type SigningProfile = HmacProfile | Rfc9421Profile | Sigv4Profile | PresetProfile;
/**
 * a key id of 1 to 128 letters, digits, dots, hyphens and underscores
 */
export type KeyId = string;
/**
 * a time in UTC, such as 2026-01-31T12:00:00Z
 */
export type Time = string;
/**
 * how a caller proves who it is: kind `hmac`, `bearer-token`, `iam-role`, `github-actions`, `jwt` or `client-certificate`
 */
export type Caller = HmacCaller | BearerTokenCaller | IamRoleCaller | GithubActionsCaller | JwtCaller | ClientCertificateCaller;
/**
 * seconds (1 to 900) that a signed timestamp may differ from the clock; 300 when absent
 */
export type WindowSeconds = number;
/**
 * where a secret enters the request: kind `bearer`, `basic`, `header` or `query`
 */
export type Injection = BearerInjection | BasicInjection | HeaderInjection | QueryInjection;
/**
 * a header name in lower case
 */
export type HeaderName = string;
/**
 * METHOD /segments, with {name} for one segment and ** only as the last
 */
export type RequestPattern = string;
/**
 * a text of at most 500 characters, none of them a control or invisible one
 */
export type Value = string;

/**
 * One door's policy: who may call what upstream, with which credential, under which conditions. Holds names and references, never a secret value.
 */
export interface PolicyDocument {
  /**
   * The version of this document format: 1.
   */
  version: 1;
  name: Name;
  environment: Name;
  secrets?: {
    [k: string]: Secret;
  };
  certificates?: {
    [k: string]: Certificate;
  };
  ipPolicies?: {
    [k: string]: IpPolicy;
  };
  signingProfiles?: {
    [k: string]: SigningProfile;
  };
  callers: {
    [k: string]: Caller;
  };
  routes: {
    [k: string]: Route;
  };
  grants: {
    [k: string]: Grant;
  };
  tests?: {
    [k: string]: PolicyTest;
  };
}
export interface Secret {
  source: SecretSource;
  allowedHosts: AllowedHosts;
  /**
   * the age in days (1 to 3650) after which the value must have been rotated
   */
  maxAgeDays?: number;
  waivers?: Waivers;
}
export interface ManagedSource {
  kind: "managed";
  field?: Text;
}
export interface SecretsManagerSource {
  kind: "secrets-manager";
  /**
   * the name of a secret in AWS Secrets Manager
   */
  name: string;
  field?: Text;
}
export interface Waiver {
  rule: Name;
  reason: Text;
  /**
   * a date as YYYY-MM-DD
   */
  expires: string;
}
export interface Certificate {
  source: SecretSource;
  allowedHosts: AllowedHosts;
  /**
   * days before expiry (1 to 365) at which an alarm is raised; 30 when absent
   */
  expiryAlertDays?: number;
  waivers?: Waivers;
}
export interface IpPolicy {
  allow?: Network[];
  deny?: Network[];
  /**
   * Items: an ISO 3166-1 alpha-2 country code, or `unknown`
   */
  countries?: string[];
  waivers?: Waivers;
}
export interface HmacProfile {
  kind: "hmac";
  key?: Name;
  keyId?: KeyId;
  keys?: SigningKeys;
  /**
   * `strict` (authority, nonce and key id are signed too) or `plain`; `strict` when absent
   */
  form?: "strict" | "plain";
  waivers?: Waivers;
}
/**
 * keys by their ids, for a rotation without a gap; in place of `key` and `keyId`
 */
export interface SigningKeys {
  [k: string]: SigningKey;
}
export interface SigningKey {
  key: Name;
  /**
   * `active`, `verify-only` (signs nothing new) or `revoked` (refused); `active` when absent
   */
  state?: "active" | "verify-only" | "revoked";
  notBefore?: Time;
  notAfter?: Time;
}
export interface Rfc9421Profile {
  kind: "rfc9421";
  key?: Name;
  keyId?: KeyId;
  keys?: SigningKeys;
  /**
   * `hmac-sha256`, or one whose key is a PEM private key; `hmac-sha256` when absent
   */
  algorithm?: "hmac-sha256" | "ed25519" | "ecdsa-p256-sha256" | "ecdsa-p384-sha384" | "rsa-pss-sha512" | "rsa-v1_5-sha256";
  waivers?: Waivers;
}
export interface Sigv4Profile {
  kind: "sigv4";
  key?: Name;
  keyId?: KeyId;
  keys?: SigningKeys;
  /**
   * an AWS region, such as eu-west-1
   */
  region: string;
  /**
   * the service as it is named in a credential scope, such as s3
   */
  service: string;
  waivers?: Waivers;
}
export interface PresetProfile {
  kind: "preset";
  /**
   * whose scheme it is
   */
  preset: "stripe" | "github" | "slack" | "shopify" | "twilio" | "standard-webhooks";
  key?: Name;
  keyId?: KeyId;
  keys?: SigningKeys;
  /**
   * `true`: it is known that the scheme has no freshness, or rests on SHA-1
   */
  weak?: true;
  waivers?: Waivers;
}
export interface HmacCaller {
  kind: "hmac";
  key?: Name;
  keyId?: KeyId;
  keys?: SigningKeys;
  windowSeconds?: WindowSeconds;
  waivers?: Waivers;
}
export interface BearerTokenCaller {
  kind: "bearer-token";
  /**
   * the SHA-256 of the token as 64 lower-case hex digits
   */
  sha256: string;
  waivers?: Waivers;
}
export interface IamRoleCaller {
  kind: "iam-role";
  /**
   * an AWS account id of 12 digits, as a quoted text
   */
  account: string;
  /**
   * an IAM role name, without its path
   */
  roleName: string;
  /**
   * `session-name`: the role's session name is a person
   */
  person?: "session-name";
  waivers?: Waivers;
}
export interface GithubActionsCaller {
  kind: "github-actions";
  /**
   * a GitHub repository as owner/name
   */
  repository: string;
  environment?: Text;
  ref?: Text;
  waivers?: Waivers;
}
export interface JwtCaller {
  kind: "jwt";
  /**
   * an https URL
   */
  issuer: string;
  audience: Text;
  claims?: Claims;
  waivers?: Waivers;
}
/**
 * claim name to the values allowed for it
 */
export interface Claims {
  [k: string]: Text[];
}
export interface ClientCertificateCaller {
  kind: "client-certificate";
  authority: Name;
  sanUri?: Text;
  sanDns?: Text;
  subject?: Text;
  /**
   * the certificate's SHA-256 as 64 lower-case hex digits
   */
  sha256?: string;
  waivers?: Waivers;
}
export interface Route {
  owner: Text;
  /**
   * an origin with an optional port and base path, such as https://api.example.com/v2
   */
  target: string;
  /**
   * Items: a host name in lower case
   */
  hosts?: string[];
  from?: Name;
  inject?: Injection[];
  sign?: Name;
  tls?: RouteTls;
  headers?: RouteHeaders;
  limits?: RouteLimits;
  retry?: RouteRetry;
  dataClass?: Name;
  waivers?: Waivers;
}
export interface BearerInjection {
  kind: "bearer";
  secret: Name;
}
export interface BasicInjection {
  kind: "basic";
  /**
   * a user name without colon or control characters; may be empty
   */
  username: string;
  secret: Name;
}
export interface HeaderInjection {
  kind: "header";
  name: HeaderName;
  secret: Name;
  /**
   * printable text that holds `{secret}` exactly once
   */
  template?: string;
}
export interface QueryInjection {
  kind: "query";
  /**
   * a query parameter name
   */
  name: string;
  secret: Name;
}
export interface RouteTls {
  clientCertificate?: Name;
}
export interface RouteHeaders {
  forward?: HeaderName[];
}
export interface RouteLimits {
  /**
   * the largest request body in bytes (0 to 104857600); 10485760 when absent
   */
  maxBodyBytes?: number;
  /**
   * seconds (1 to 900) until the upstream's response must have begun; 25 when absent
   */
  deadlineSeconds?: number;
}
export interface RouteRetry {
  idempotencyHeader?: HeaderName;
}
export interface Grant {
  caller: Name;
  route: Name;
  requests: RequestPattern[];
  /**
   * `allow` or `deny`; `allow` when absent
   */
  effect?: "allow" | "deny";
  when?: Conditions;
  justInTime?: JustInTime;
  waivers?: Waivers;
}
export interface Conditions {
  from?: Name;
  requireHeaders?: HeaderName[];
  risk?: RiskCondition;
  times?: TimeWindow[];
  claims?: Claims;
  device?: DeviceCondition;
  dataClasses?: Name[];
  query?: QueryCondition;
  body?: BodyCondition;
}
export interface RiskCondition {
  /**
   * a risk from 1 to 100 that the caller must be below
   */
  below: number;
}
export interface TimeWindow {
  /**
   * an IANA time zone such as Europe/Dublin
   */
  zone: string;
  days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
  /**
   * a time as HH:MM
   */
  start: string;
  /**
   * a time as HH:MM, or 24:00
   */
  end: string;
}
export interface DeviceCondition {
  managed?: boolean;
  compliant?: boolean;
  platforms?: Name[];
  /**
   * hours (1 to 8760) since the last check
   */
  checkedWithinHours?: number;
}
export interface QueryCondition {
  [k: string]: Value[];
}
export interface BodyCondition {
  /**
   * Items: a text of at most 500 characters, a number or a boolean
   */
  [k: string]: (string | number | boolean)[];
}
export interface JustInTime {
  /**
   * minutes (1 to 1440) that an approved grant lasts at most
   */
  maxMinutes: number;
  approvers: Name[];
  /**
   * how many approvers (1 to 10) must agree
   */
  approvals: number;
}
export interface PolicyTest {
  caller: Name;
  route: Name;
  /**
   * METHOD /path
   */
  request: string;
  /**
   * an IPv4 or IPv6 address
   */
  from?: string;
  /**
   * an ISO 3166-1 alpha-2 country code, or `unknown`
   */
  country?: string;
  headers?: HeaderName[];
  /**
   * a risk from 0 to 100
   */
  risk?: number;
  /**
   * `allow` or `deny`
   */
  expect: "allow" | "deny";
}
