import type { BearerInjection } from "../policy/document.generated.js";
import type { Render } from "./placement.js";

/** `Authorization: Bearer <secret>`, RFC 6750 section 2.1. */
export const bearer: Render<BearerInjection> = (_, secret) => ({ header: "authorization", value: `Bearer ${secret.revealText()}` });
