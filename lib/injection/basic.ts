import type { BasicInjection } from "../policy/document.generated.js";
import type { Render } from "./placement.js";

/** `Authorization: Basic base64(<username>:<secret>)`, RFC 7617. */
export const basic: Render<BasicInjection> = ({ username }, secret) => ({
  header: "authorization",
  value: `Basic ${Buffer.from(`${username}:${secret.revealText()}`).toString("base64")}`,
});
