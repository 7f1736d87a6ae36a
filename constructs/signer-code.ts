/**
 * The signer's archive: the built function and, beside it, the policy document. Packed when the policy is complete and
 * sound; an unsound one fails validation a moment later and must not be on disk by then.
 */
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { tell } from "./checks/check.js";
import { App, Aspects, AssetType, Construct, TerraformAsset } from "./framework.js";
import type { PolicyDraft } from "./policy-draft.js";

/** Context key that names another folder with the built function. */
const BUNDLE_CONTEXT = "sallyport:lambdaBundle";

export class SignerCode extends Construct {
  /** @param onPacked is told the archive, once there is one */
  constructor(scope: Construct, id: string, policy: PolicyDraft, onPacked: (archive: TerraformAsset) => void) {
    super(scope, id);
    const bundle = bundleFolder(this);
    this.node.addValidation({ validate: () => (existsSync(bundle) ? [] : [tell(missing(bundle))]) });
    Aspects.of(this).add({
      visit: () => {
        const isPacked = this.node.children.length > 0;
        if (isPacked || !existsSync(bundle) || !policy.isSound()) return;
        const folder = resolve(App.of(this).outdir, "signer-code", this.node.addr);
        rmSync(folder, { recursive: true, force: true });
        cpSync(bundle, folder, { recursive: true });
        writeFileSync(join(folder, "policy.json"), policy.text());
        onPacked(new TerraformAsset(this, "archive", { path: folder, type: AssetType.ARCHIVE }));
      },
    });
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
