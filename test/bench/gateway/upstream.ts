/**
 * The upstream: bare sockets and one fixed answer. A request without the credential gets 401, so that no proxy looks
 * fast by leaving its work undone.
 */
import { createServer } from "node:net";
import { listenAndAnnounce } from "./announce.js";
import { RESPONSE_BODY, UPSTREAM_TOKEN } from "./scenario.js";

const answer = (status: string, body: string): Buffer =>
  Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const OK = answer("200 OK", RESPONSE_BODY);
const UNAUTHORIZED = answer("401 Unauthorized", "{}");
const CREDENTIAL = `authorization: bearer ${UPSTREAM_TOKEN}\r\n`;

const server = createServer({ noDelay: true }, (socket) => {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (let headEnd = text.indexOf("\r\n\r\n"); headEnd >= 0; headEnd = text.indexOf("\r\n\r\n")) {
      const head = text.slice(0, headEnd + 2).toLowerCase();
      const end = headEnd + 4 + Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
      if (text.length < end) return;
      text = text.slice(end);
      socket.write(head.includes(CREDENTIAL) ? OK : UNAUTHORIZED);
    }
  });
});
listenAndAnnounce(server);
