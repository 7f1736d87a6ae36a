import type { QueryInjection } from "../policy/document.generated.js";
import type { Render } from "./placement.js";

/** A query parameter, percent-encoded per RFC 3986. Queries reach access logs: prefer a header where there is a choice. */
export const query: Render<QueryInjection> = ({ name }, secret) => ({ parameter: name, value: percentEncode(secret.revealText()) });

/** `encodeURIComponent` leaves `!'()*`, which RFC 3986 reserves. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
