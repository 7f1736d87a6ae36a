/** One running door: its compiled policy, its ports and its bounds. Adapters make it; stages only read it. */
import type { CidrSet } from "../net/cidr.js";
import type { Policy } from "../policy/compile.js";
import type { AuditSink, Clock, CommitStore, MetricSink, Random, Resolver, Revocations, SecretStore } from "../ports.js";
import { compileProfiles, type ProfileSet } from "./profiles.js";
import { ByteBudget } from "./request-body.js";
import type { Upstream } from "./upstream.js";

export interface DoorLimits {
  /** Bytes of all header names and values together. Default 16,384. */
  readonly maxHeaderBytes: number;
  /** Default 100. */
  readonly maxHeaders: number;
  /** Bytes of bodies that are held at once because they must be hashed. Default 256 MiB. */
  readonly bodyBudgetBytes: number;
  /** Calls under way at once. Default 10,000. */
  readonly maxConcurrentCalls: number;
}

export const DEFAULT_DOOR_LIMITS: DoorLimits = {
  maxHeaderBytes: 16_384,
  maxHeaders: 100,
  bodyBudgetBytes: 256 * 1024 * 1024,
  maxConcurrentCalls: 10_000,
};

export interface DoorOptions {
  readonly policy: Policy;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretStore;
  readonly commits: CommitStore;
  /** Default: nothing is ever revoked but by a new policy. */
  readonly revocations?: Revocations;
  readonly audit: AuditSink;
  readonly metrics: MetricSink;
  readonly resolver: Resolver;
  readonly upstream: Upstream;
  /** Whether a Host value names this door itself. */
  readonly isOwnAuthority: (authority: string) => boolean;
  /** Networks that upstreams may be in though they are not public. An operator's choice at start, never the policy's. */
  readonly allowUpstream?: CidrSet;
  readonly limits?: Partial<DoorLimits>;
}

export interface PolicyInForce {
  readonly policy: Policy;
  readonly profiles: ProfileSet;
  /** The largest of all routes' limits. */
  readonly maxBodyBytes: number;
}

export interface Door extends Omit<DoorOptions, "limits" | "policy"> {
  /** Replaced whole by {@link replacePolicy}; a request keeps the one it started with. */
  readonly current: PolicyInForce;
  readonly limits: DoorLimits;
  readonly bodyBudget: ByteBudget;
  /** Calls under way. */
  readonly load: { calls: number };
}

export function createDoor({ policy, limits, ...ports }: DoorOptions): Door {
  const bounds = { ...DEFAULT_DOOR_LIMITS, ...limits };
  return {
    ...ports,
    current: inForce(policy),
    limits: bounds,
    bodyBudget: new ByteBudget(bounds.bodyBudgetBytes),
    load: { calls: 0 },
  };
}

const inForce = (policy: Policy): PolicyInForce => ({
  policy,
  profiles: compileProfiles(policy),
  maxBodyBytes: [...policy.routes.values()].reduce((most, { limits }) => Math.max(most, limits.maxBodyBytes), 0),
});

/** Puts another policy in force for the requests that start from now on. */
export function replacePolicy(door: Door, policy: Policy): void {
  (door as { current: Door["current"] }).current = inForce(policy);
}
