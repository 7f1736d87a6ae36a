/**
 * The signer's archive: the built function and, beside it, the policy document. Packed when the policy is complete and
 * sound; an unsound one fails validation a moment later and must not be on disk by then.
 */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tell } from "./checks/check.js";
import { Aspects, AssetType, addCustomSynthesis, Construct, TerraformAsset } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";

/** Context key that names another folder with the built function. */
const BUNDLE_CONTEXT = "sallyport:lambdaBundle";

export class SignerCode extends Construct {
  /** @param onPacked is told the archive, once there is one */
  constructor(scope: Construct, id: string, policy: PolicyDraft, onPacked: (archive: TerraformAsset) => void) {
    super(scope, id);
    const bundle = bundleFolder(this);
    this.node.addValidation({
      validate: () => (existsSync(bundle) ? [] : [tell(missing(bundle))]),
    });

    let stage: string | undefined;
    Aspects.of(this).add({
      visit: () => {
        if (stage !== undefined || !existsSync(bundle) || !policy.isSound()) return;
        stage = mkdtempSync(join(tmpdir(), "sallyport-"));
        cpSync(bundle, stage, { recursive: true });
        writeFileSync(join(stage, "policy.json"), policy.text());
        onPacked(new TerraformAsset(this, "archive", { path: stage, type: AssetType.ARCHIVE }));
      },
    });
    // Children come first, so the archive is written by then.
    addCustomSynthesis(this, { onSynthesize: () => stage && rmSync(stage, { recursive: true, force: true }) });
  }
}

const missing = (bundle: string) => ({
  rule: "lambda-bundle",
  message: `the built function is not at ${bundle}`,
  cure: "Run `npm run build`, or reinstall the package",
});

/** `dist/lambda`, seen from the built constructs or from their source. */
function bundleFolder(scope: Construct): string {
  const chosen: string | undefined = scope.node.tryGetContext(BUNDLE_CONTEXT);
  const built = join(__dirname, "../lambda");
  return chosen ?? (existsSync(built) ? built : join(__dirname, "../dist/lambda"));
}
