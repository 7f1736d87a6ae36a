/** `sallyport/local`: the gateway of one machine and its stores. */
export { undiciUpstream } from "../undici-upstream.js";
export { type AuditFile, openAuditFile } from "./audit-file.js";
export { auditedCommits } from "./audited-commits.js";
export { type CachingResolverOptions, cachingResolver } from "./caching-resolver.js";
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.js";
export { type Listener, parseListener } from "./listener.js";
export { type LmdbCommitStore, openLmdbCommitStore } from "./lmdb-commit-store.js";
export { type DoorGaps, type LocalDoor, type LocalDoorOptions, openLocalDoor, type Reload } from "./local-door.js";
export { type PrometheusMetrics, prometheusMetrics } from "./prometheus.js";
export { defaultKeyPath, type SecretFile, secretFile } from "./secret-file.js";
export { systemClock, systemRandom, systemResolver } from "./system-ports.js";
