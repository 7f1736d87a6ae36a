/** `sallyport`: the policy language. The runtime, adapters and constructs have entry points of their own. */
export { ERROR_CODES, type ErrorCode, type ErrorDetails, SallyportError } from "./errors.js";
export * from "./policy/index.js";
export { SecretValue } from "./secret-value.js";
