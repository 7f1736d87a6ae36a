/**
 * The document on disk: `cdktf.out/stacks/<stack>/<door>.policy.json`, the very bytes that the signer carries, so that
 * the local gateway can serve what is deployed. Written only when synthesis has found nothing wrong.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Annotations, Aspects, addCustomSynthesis, Construct, TerraformStack } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";

export interface PolicyFileProps {
  readonly policy: PolicyDraft;
  readonly fileName: string;
}

export class PolicyFile extends Construct {
  constructor(scope: Construct, id: string, { policy, fileName }: PolicyFileProps) {
    super(scope, id);
    const warned = new Set<string>();
    Aspects.of(this).add({
      visit: () => {
        for (const [owner, warning] of policy.warnings()) {
          const told = `[${owner.node.path}] ${warning}`;
          if (warned.has(told)) continue;
          warned.add(told);
          Annotations.of(owner).addWarning(warning);
          process.emitWarning(told, "SallyportPolicyWarning"); // only cdktf's own command shows annotations
        }
      },
    });
    addCustomSynthesis(this, {
      onSynthesize: ({ outdir, manifest }) => {
        const { workingDirectory } = manifest.forStack(TerraformStack.of(this));
        const path = join(outdir, workingDirectory, fileName);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, policy.text());
      },
    });
  }
}
