/** `sallyport/runtime`: the pipeline that every adapter runs, and what an adapter gives it. */
export * from "../ports.js";
export { SecretValue } from "../secret-value.js";
export { createDoor, type Door, type DoorLimits, type DoorOptions, replacePolicy } from "./door.js";
export { handle, refuse } from "./handle.js";
export type { Answer, IncomingMessage, UpstreamRequest, UpstreamResponse } from "./message.js";
export { RequestBody } from "./request-body.js";
export { cachedSecrets, type SecretCacheOptions } from "./secret-cache.js";
export type { Delivery, RecordedAnswer } from "./stages/record.js";
export { unverifiableCallers } from "./unverifiable-callers.js";
export type { ClientCertificate, Destination, Upstream } from "./upstream.js";
