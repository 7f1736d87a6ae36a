/** Synthesizes the payments example and reads off what it made. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { build } from "../payments/main.js";

type Resources = Record<string, Record<string, unknown>>;

export interface Synthesized {
  /** The policy document that gateway and Lambda run. */
  readonly policyFile: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export function synthesize({ target, outdir }: { readonly target: string; readonly outdir: string }): Synthesized {
  const app = new App({ outdir });
  const door = build(app, { target });
  app.synth();
  const folder = join(outdir, "stacks", "payments");
  const stack = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as { resource: Resources };
  const counts = Object.entries(stack.resource)
    .map(([type, instances]) => [type.replace(/^aws_/, ""), Object.keys(instances).length] as const)
    .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const policyFile = join(folder, "door.policy.json");
  return {
    policyFile,
    facts: [
      ["resources", `${total} of ${counts.length} types`],
      ...wrapped(counts.map(([name, count]) => (count === 1 ? name : `${name} ×${count}`))).map((line) => ["", line] as const),
      ["egress", `${Object.keys(stack.resource.aws_eip ?? {}).length} fixed addresses, one a zone`],
      ["policy version", door.policyVersion],
      ["files", `${relative(".", join(folder, "cdk.tf.json"))}`],
      ["", relative(".", policyFile)],
    ],
  };
}

/** Words in lines of at most 96 characters. */
function wrapped(words: readonly string[]): string[] {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + word.length + 2 > 96) lines.push(word);
    else lines[lines.length - 1] = `${line}, ${word}`;
  }
  return lines;
}
