/** Every injection kind by its name in the policy. */
import type { Injection } from "../policy/document.generated.js";
import type { SecretValue } from "../secret-value.js";
import { basic } from "./basic.js";
import { bearer } from "./bearer.js";
import { header } from "./header.js";
import type { Placement, Render } from "./placement.js";
import { query } from "./query.js";

export type { Placement } from "./placement.js";

const KINDS: { readonly [Kind in Injection["kind"]]: Render<Extract<Injection, { kind: Kind }>> } = { bearer, basic, header, query };

export const renderInjection = (injection: Injection, secret: SecretValue): Placement =>
  (KINDS[injection.kind] as Render<Injection>)(injection, secret);
