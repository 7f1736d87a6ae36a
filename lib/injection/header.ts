import type { HeaderInjection } from "../policy/document.generated.js";
import type { Render } from "./placement.js";

/** A header of its own; `template` holds `{secret}` once and is `{secret}` when absent. */
export const header: Render<HeaderInjection> = ({ name, template = "{secret}" }, secret) => ({
  header: name,
  // A function, for a replacement text would give `$&` in a secret a meaning.
  value: template.replace("{secret}", () => secret.revealText()),
});
