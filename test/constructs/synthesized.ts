/** A door in a stack of its own, and what synthesis makes of it. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { TerraformStack, Testing } from "cdktf";
import { ZeroTrustProxy, type ZeroTrustProxyProps } from "sallyport/constructs";

/** A built function that is one file: the constructs only pack it. */
export const LAMBDA_BUNDLE = mkdtempSync(join(tmpdir(), "sallyport-bundle-"));
writeFileSync(join(LAMBDA_BUNDLE, "index.mjs"), "export const handler = async () => ({ statusCode: 503 });\n");

export interface TestDoor {
  readonly stack: TerraformStack;
  readonly door: ZeroTrustProxy;
}

export function doorIn(stackId: string, props: Partial<ZeroTrustProxyProps> = {}, bundle = LAMBDA_BUNDLE): TestDoor {
  const stack = new TerraformStack(Testing.app({ context: { "sallyport:lambdaBundle": bundle } }), stackId);
  new AwsProvider(stack, "aws", { region: "eu-west-1" });
  const door = new ZeroTrustProxy(stack, "door", {
    environment: "prod",
    availabilityZones: ["eu-west-1a", "eu-west-1b"],
    today: "2026-01-01",
    ...props,
  });
  return { stack, door };
}

/** biome-ignore lint/suspicious/noExplicitAny: Terraform JSON has no type */
export type Json = any;

export interface Synthesized {
  readonly text: string;
  readonly json: Json;
  /** Every resource of a type. */
  readonly all: (type: string) => Json[];
  /** The one resource of a type whose address contains `part`. */
  readonly one: (type: string, part?: string) => Json;
}

/** @throws what cdktf throws when a validation fails */
export function synthesized(stack: TerraformStack): Synthesized {
  const text = Testing.synth(stack, true);
  const json = JSON.parse(text);
  const entries = (type: string) => Object.entries<Json>(json.resource?.[type] ?? json.data?.[type] ?? {});
  return {
    text,
    json,
    all: (type) => entries(type).map(([, resource]) => resource),
    one: (type, part = "") => {
      const found = entries(type).filter(([address]) => address.includes(part));
      if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} match "${part}"`);
      return found[0]![1];
    },
  };
}
