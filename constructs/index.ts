/** `sallyport/constructs`: a door, its policy and its cloud as CDKTF constructs. */
export {
  type BearerTokenProps,
  Caller,
  type ClientCertificateProps,
  type GithubActionsProps,
  type HmacCallerProps,
  type IamRoleProps,
  type JwtProps,
} from "./caller.js";
export { Certificate, type CertificateProps } from "./certificate.js";
export type { Door } from "./door.js";
export type { Conditions, Grant, GrantProps, JustInTimeProps } from "./grant.js";
export { Inject, type Injection } from "./inject.js";
export { IpPolicy, type IpPolicyProps } from "./ip-policy.js";
export type { PolicyTest, PolicyTestProps } from "./policy-test.js";
export type { Waiver } from "./props.js";
export { Route, type RouteProps } from "./route.js";
export { Secret, type SecretProps } from "./secret.js";
export type { SigningKey, SigningKeysProps } from "./signing-keys.js";
export {
  type HmacSigningProps,
  type PresetSigningProps,
  type Rfc9421SigningProps,
  SigningProfile,
  type Sigv4SigningProps,
} from "./signing-profile.js";
export { ZeroTrustProxy, type ZeroTrustProxyProps } from "./zero-trust-proxy.js";
