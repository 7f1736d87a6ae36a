/**
 * What the deployment gave the function: the policy document beside the code, and in the environment the bindings that
 * Terraform rendered and the document's version. Synthesis has validated the document; here its hash says that it is that
 * very one, so that the function needs no validator. What it cannot enforce it still refuses. (THREATS 24, 30)
 */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SallyportError } from "../../errors.js";
import { type Cidr, parseCidr } from "../../net/cidr.js";
import { notEnforced } from "../../policy/checks/not-enforced.js";
import { compilePolicy, type Policy } from "../../policy/compile.js";
import type { PolicyDocument, Secret } from "../../policy/document.generated.js";
import type { EntranceKind } from "./api-gateway-event.js";

export interface Bindings {
  /** What Secrets Manager knows each by (a name or an ARN), by the policy's name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<string, string>>;
  /** Name of the table. */
  readonly commitTable: string;
  /** API id by kind of proof. */
  readonly entrances: Readonly<Partial<Record<EntranceKind, string>>>;
}

export interface Deployment {
  readonly policy: Policy;
  readonly bindings: Bindings;
  readonly secretFreshMs: number;
  readonly secretMaxStaleMs: number;
  readonly revocationPollMs: number;
  /** Networks that upstreams may be in though they are not public. Empty: none. */
  readonly allowUpstream: readonly Cidr[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `policy.json` in `LAMBDA_TASK_ROOT`, and `SALLYPORT_BINDINGS`, `SALLYPORT_POLICY_VERSION`,
 * `SALLYPORT_SECRET_FRESH_MS` (default 60,000), `SALLYPORT_SECRET_MAX_STALE_MS` (300,000),
 * `SALLYPORT_REVOCATION_POLL_MS` (1,000) and `SALLYPORT_ALLOW_UPSTREAM_CIDRS` (none; separated by commas).
 *
 * @throws {INPUT_INVALID} when a variable is missing or cannot be read
 * @throws {POLICY_INVALID} when the document is not the one that was deployed
 * @throws {POLICY_UNSUPPORTED} when it has a part that this version cannot enforce
 */
export async function readDeployment(environment: Environment): Promise<Deployment> {
  const text = await readFile(join(required(environment, "LAMBDA_TASK_ROOT"), "policy.json"), "utf8");
  const policy = deployedPolicy(text, required(environment, "SALLYPORT_POLICY_VERSION"));
  return {
    policy,
    bindings: bindingsOf(required(environment, "SALLYPORT_BINDINGS"), policy.document),
    secretFreshMs: milliseconds(environment, "SALLYPORT_SECRET_FRESH_MS", 60_000),
    secretMaxStaleMs: milliseconds(environment, "SALLYPORT_SECRET_MAX_STALE_MS", 300_000),
    revocationPollMs: milliseconds(environment, "SALLYPORT_REVOCATION_POLL_MS", 1_000),
    allowUpstream: networks(environment, "SALLYPORT_ALLOW_UPSTREAM_CIDRS"),
  };
}

/**
 * @param text the canonical document
 * @param version its SHA-256, in hex
 */
export function deployedPolicy(text: string, version: string): Policy {
  const found = hash("sha256", text, "hex");
  if (found !== version) {
    const message = "policy.json is not the document that this function was deployed with";
    throw new SallyportError("POLICY_INVALID", { expected: version, found }, { message });
  }
  const document = JSON.parse(text) as PolicyDocument;
  const unsupported = [...notEnforced.find(document)].map(({ at }) => at.join("/"));
  if (unsupported.length > 0) throw new SallyportError("POLICY_UNSUPPORTED", { parts: unsupported });
  return compilePolicy(document);
}

function bindingsOf(text: string, document: PolicyDocument): Bindings {
  try {
    const { secretPrefix, commitTable, entrances } = JSON.parse(text);
    const isComplete = typeof secretPrefix === "string" && typeof commitTable === "string" && Object.keys(entrances).length > 0;
    if (isComplete) {
      const { secrets = {}, certificates = {} } = document;
      return { secrets: secretIds(secrets, secretPrefix), certificates: secretIds(certificates, secretPrefix), commitTable, entrances };
    }
  } catch {
    // Told below.
  }
  throw invalid("SALLYPORT_BINDINGS", "JSON with secretPrefix, commitTable and at least one of entrances");
}

/** An entry that the door made has its own name behind the prefix; for another the document says the name. */
const secretIds = (entries: Readonly<Record<string, Pick<Secret, "source">>>, prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(entries).map(([name, { source }]) => [name, source.kind === "managed" ? prefix + name : source.name]));

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw invalid(name, "a value");
  return value;
}

function milliseconds(environment: Environment, name: string, byDefault: number): number {
  const text = environment[name];
  if (text === undefined) return byDefault;
  if (!/^[0-9]{1,9}$/.test(text)) throw invalid(name, "whole milliseconds");
  return Number(text);
}

function networks(environment: Environment, name: string): Cidr[] {
  const texts = (environment[name] ?? "").split(",").filter((text) => text !== "");
  return texts.map((text) => {
    const cidr = parseCidr(text);
    if (cidr === undefined) throw invalid(name, "networks in CIDR notation, separated by commas");
    return cidr;
  });
}

const invalid = (variable: string, expected: string): SallyportError =>
  new SallyportError("INPUT_INVALID", { variable, expected }, { message: `the environment variable ${variable} must hold ${expected}` });
