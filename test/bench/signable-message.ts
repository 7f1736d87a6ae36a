/** The one request that every signing bench signs: the headers of an ordinary call, and a body of 1 KiB. */
import { randomBytes } from "node:crypto";
import type { SignableMessage } from "../../lib/signing/message.js";

export const message: SignableMessage = {
  method: "POST",
  authority: "api.partner.example",
  target: "/v2/orders?page=2",
  headers: [
    ["Host", "api.partner.example"],
    ["User-Agent", "bench/1"],
    ["Accept", "application/json"],
    ["Content-Type", "application/json"],
    ["Content-Length", "1024"],
  ],
  body: randomBytes(1024),
};
