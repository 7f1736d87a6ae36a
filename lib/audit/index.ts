/** `sallyport/audit`: the events, their hash chain and its verification. */
export { type AuditRecord, CHAIN_START, type ChainState, chainEvent } from "./chain.js";
export type { AuditEvent, ChainedAuditEvent, LifecycleEvent, RequestEvent } from "./event.js";
export { readLines } from "./read-lines.js";
export { redactQuery } from "./redact-query.js";
export { type ChainProblem, type ChainReport, verifyChain } from "./verify.js";
